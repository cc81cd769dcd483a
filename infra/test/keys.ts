// The shell of somebody who deploys: production is refused without public keys. They are no one's.
process.env.MILLRACE_VERIFY_KEYS ??= "ab".repeat(32);
process.env.MILLRACE_SIGNING_SECRET ??= "arn:aws:secretsmanager:us-east-1:111111111111:secret:millrace/signing-AbCdEf";
