//! From the operating system's errors to the names that callers act on.

use std::io::{Error, ErrorKind};

use crate::StoreError;

pub(super) fn read_error(uri: String, error: &Error) -> StoreError {
    match error.kind() {
        // A path through a file, and a folder where an object was meant, are simply not objects.
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            StoreError::NotFound { uri }
        }
        _ => common(uri, error),
    }
}

pub(super) fn write_error(uri: String, error: &Error) -> StoreError {
    let detail = error.to_string();
    match error.kind() {
        ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::DirectoryNotEmpty => {
            StoreError::Conflict { uri, detail }
        }
        // Only folders are made with this in mind: a file, or a link that leads nowhere, is in their place.
        ErrorKind::AlreadyExists => StoreError::Conflict { uri, detail },
        _ => common(uri, error),
    }
}

fn common(uri: String, error: &Error) -> StoreError {
    let detail = error.to_string();
    match error.kind() {
        ErrorKind::PermissionDenied => StoreError::Denied { uri, detail },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreError::Full { uri, detail }
        }
        ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { uri, detail },
        ErrorKind::Unsupported => StoreError::Unsupported {
            uri,
            reason: detail,
        },
        ErrorKind::InvalidFilename => StoreError::InvalidKey {
            key: uri,
            reason: detail,
        },
        ErrorKind::TimedOut
        | ErrorKind::ResourceBusy
        | ErrorKind::StaleNetworkFileHandle
        | ErrorKind::Interrupted
        | ErrorKind::WouldBlock => StoreError::Unavailable { uri, detail },
        _ => StoreError::Failed { uri, detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_of_a_full_guarded_or_read_only_disk_have_names() {
        // The numbers are those of Linux and macOS alike, but for the quota's.
        let names = |number: i32| {
            let error = Error::from_raw_os_error(number);
            [
                read_error(String::new(), &error).name(),
                write_error(String::new(), &error).name(),
            ]
        };
        assert_eq!(names(28), ["StoreFull"; 2], "ENOSPC");
        assert_eq!(names(27), ["StoreFull"; 2], "EFBIG");
        assert_eq!(names(13), ["StoreAccessDenied"; 2], "EACCES");
        assert_eq!(names(1), ["StoreAccessDenied"; 2], "EPERM");
        assert_eq!(names(30), ["StoreReadOnly"; 2], "EROFS");
        assert_eq!(names(2), ["StoreObjectNotFound", "StoreFailed"], "ENOENT");
        assert_eq!(
            names(20),
            ["StoreObjectNotFound", "StoreKeyConflict"],
            "ENOTDIR"
        );
        assert_eq!(
            names(21),
            ["StoreObjectNotFound", "StoreKeyConflict"],
            "EISDIR"
        );
        assert_eq!(names(5), ["StoreFailed"; 2], "EIO");
    }
}
