"""What a request to S3 needs, after "Required permissions for Amazon S3 API operations" and the pages of the operations."""

from urllib.parse import parse_qsl, unquote

from permissions.policy import Call

# What a client of the deployed programs does: HTTPS with TLS of this time. The emulator speaks without.
CONTEXT = (("aws:SecureTransport", "true"), ("s3:TlsVersion", "1.3"))


class UnknownRequest(Exception):
    """A request that is not translated into permissions here."""


def bucket_and_key(path):
    bucket, _, key = path.lstrip("/").partition("/")
    return bucket, unquote(key)


def needs(record, role, keys):
    """The calls of one request; `keys` gives the ARN of the KMS key of a bucket, or nothing."""
    bucket, key = bucket_and_key(record["path"])
    query = dict(parse_qsl(record["query"], keep_blank_values=True))
    query.pop("x-id", None)
    seen = f"{record['method']} {record['path']}{'?' + record['query'] if record['query'] else ''} ({record['status']})"

    def call(action, resource):
        return Call(role, action, resource, CONTEXT, seen)

    def of_key(bucket, *actions):
        return [call(action, keys[bucket]) for action in actions if keys.get(bucket)]

    def read(bucket, key):
        return [call("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"), *of_key(bucket, "kms:Decrypt")]

    def absent():
        # Without it S3 answers 403 where there is no object, and the program works with 404.
        return [call("s3:ListBucket", f"arn:aws:s3:::{bucket}")] if record["status"] == 404 else []

    def written(*actions):
        found = [call("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}"), *of_key(bucket, "kms:GenerateDataKey", *actions)]
        if "if-match" in record["headers"]:
            # The mark is compared with that of the object, which is a read.
            found.append(call("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"))
        if "x-amz-copy-source" in record["headers"]:
            found += read(*bucket_and_key(unquote(record["headers"]["x-amz-copy-source"])))
        return found

    shape = (record["method"], bool(key), frozenset(query))
    match shape:
        case ("GET" | "HEAD", True, names) if not names or names == {"partNumber"}:
            return [*read(bucket, key), *absent()]
        case ("GET", False, names) if query.get("list-type") == "2":
            return [call("s3:ListBucket", f"arn:aws:s3:::{bucket}")]
        case ("HEAD", False, names) if not names:
            return [call("s3:ListBucket", f"arn:aws:s3:::{bucket}")]
        case ("PUT", True, names) if not names:
            return written()
        case ("POST", True, names) if names == {"uploads"}:
            return written()
        case ("PUT", True, names) if names == {"partNumber", "uploadId"}:
            # A part is encrypted with the key that the upload began with.
            return written("kms:Decrypt")
        case ("POST", True, names) if names == {"uploadId"}:
            return written("kms:Decrypt")
        case ("DELETE", True, names) if names == {"uploadId"}:
            return [call("s3:AbortMultipartUpload", f"arn:aws:s3:::{bucket}/{key}")]
        case ("DELETE", True, names) if not names:
            return [call("s3:DeleteObject", f"arn:aws:s3:::{bucket}/{key}")]
    raise UnknownRequest(f"{role}: {seen}")
