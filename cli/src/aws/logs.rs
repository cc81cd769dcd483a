//! What a container said last, from where CloudWatch keeps it.

use super::container::Log;
use super::{Aws, failed};
use crate::failure::Failure;

/// As many lines as help, and no more.
const LINES: i32 = 20;

impl Aws {
    /// The last lines of a log, the oldest first.
    pub(super) fn last_lines(&self, log: &Log) -> Result<Vec<String>, Failure> {
        let asked = self
            .logs
            .get_log_events()
            .log_group_name(&log.group)
            .log_stream_name(&log.stream)
            .limit(LINES)
            .start_from_head(false);
        let answer = self
            .wait(asked.send())
            .map_err(|error| failed("the container's log cannot be read", &error))?;
        let messages = answer.events().iter().filter_map(|event| event.message());
        Ok(messages.map(|line| line.trim_end().to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use aws_sdk_cloudwatchlogs::types::InputLogEvent;

    use super::*;

    fn write(aws: &Aws, log: &Log, lines: usize) {
        let group = aws.logs.create_log_group().log_group_name(&log.group);
        aws.wait(group.send()).unwrap();
        let stream = aws.logs.create_log_stream().log_group_name(&log.group);
        aws.wait(stream.log_stream_name(&log.stream).send())
            .unwrap();
        let now = jiff::Timestamp::now().as_millisecond();
        let events = (0..lines).map(|line| {
            let event = InputLogEvent::builder().timestamp(now + line as i64);
            event.message(format!("line {line}\n")).build().unwrap()
        });
        let put = aws.logs.put_log_events().log_group_name(&log.group);
        let put = put.log_stream_name(&log.stream);
        aws.wait(put.set_log_events(Some(events.collect())).send())
            .unwrap();
    }

    #[test]
    fn the_last_lines_of_a_log_are_read_and_a_missing_log_is_named() {
        if millrace_skip::s3_or_skip().is_none() {
            return;
        }
        let aws = Aws::connect().unwrap();
        let log = Log {
            group: format!("/millrace/test-{}", std::process::id()),
            stream: "run/training/abc".into(),
        };
        assert_eq!(
            aws.last_lines(&log).unwrap_err().name,
            "ResourceNotFoundException"
        );
        write(&aws, &log, 50);
        let lines = aws.last_lines(&log).unwrap();
        assert_eq!(lines.len(), 20, "{lines:?}");
        assert_eq!(
            (lines[0].as_str(), lines[19].as_str()),
            ("line 30", "line 49")
        );
    }
}
