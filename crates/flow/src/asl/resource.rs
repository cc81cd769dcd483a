//! What a Task state calls.

use std::fmt;

/// The `Resource` of a Task state, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// `arn:aws:states:::lambda:invoke`
    LambdaInvoke,
    /// `arn:aws:states:::ecs:runTask.sync`
    EcsRunTaskSync,
    /// `arn:aws:states:::sns:publish`
    SnsPublish,
    /// `arn:aws:states:::aws-sdk:<service>:<action>`
    AwsSdk { service: String, action: String },
    /// Anything else, as it stands in the file.
    Other(String),
}

impl Resource {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with("arn:") {
            return Err(format!("{text:?} is not an ARN"));
        }
        if text.ends_with(".waitForTaskToken") {
            return Err(format!(
                "{text:?} waits for a task token, which this engine does not implement"
            ));
        }
        let integration = text
            .split_once(":states:::")
            .map(|(_, integration)| integration);
        let parts: Vec<&str> = integration.unwrap_or_default().split(':').collect();
        Ok(match parts.as_slice() {
            ["lambda", "invoke"] => Self::LambdaInvoke,
            ["ecs", "runTask.sync"] => Self::EcsRunTaskSync,
            ["sns", "publish"] => Self::SnsPublish,
            ["aws-sdk", service, action] if !service.is_empty() && !action.is_empty() => {
                Self::AwsSdk {
                    service: (*service).to_owned(),
                    action: (*action).to_owned(),
                }
            }
            _ => Self::Other(text.to_owned()),
        })
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LambdaInvoke => formatter.write_str("arn:aws:states:::lambda:invoke"),
            Self::EcsRunTaskSync => formatter.write_str("arn:aws:states:::ecs:runTask.sync"),
            Self::SnsPublish => formatter.write_str("arn:aws:states:::sns:publish"),
            Self::AwsSdk { service, action } => {
                write!(formatter, "arn:aws:states:::aws-sdk:{service}:{action}")
            }
            Self::Other(text) => formatter.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn resources_are_told_apart() {
        let sdk = Resource::AwsSdk {
            service: "athena".to_owned(),
            action: "startQueryExecution".to_owned(),
        };
        let table = [
            ("arn:aws:states:::lambda:invoke", Resource::LambdaInvoke),
            (
                "arn:aws:states:::ecs:runTask.sync",
                Resource::EcsRunTaskSync,
            ),
            ("arn:aws:states:::sns:publish", Resource::SnsPublish),
            ("arn:aws:states:::aws-sdk:athena:startQueryExecution", sdk),
            (
                "arn:aws:states:::ecs:runTask",
                Resource::Other("arn:aws:states:::ecs:runTask".to_owned()),
            ),
        ];
        for (text, resource) in table {
            assert_eq!(Resource::parse(text).unwrap(), resource);
            assert_eq!(resource.to_string(), text);
        }
        assert_eq!(
            Resource::parse("arn:aws-cn:states:::lambda:invoke").unwrap(),
            Resource::LambdaInvoke
        );
        assert!(Resource::parse("lambda:invoke").is_err());
        assert!(Resource::parse("arn:aws:states:::lambda:invoke.waitForTaskToken").is_err());
    }
}
