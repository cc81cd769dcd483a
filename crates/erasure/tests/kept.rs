//! Receipts of every form that was ever written are read.
#![allow(clippy::unwrap_used)]

use millrace_erasure::{Influence, Receipt, Whom};

#[test]
fn the_present_form_is_written_as_it_was_kept() {
    let kept = include_bytes!("kept/receipt-1.json");
    let receipt = Receipt::read(kept, "kept").unwrap();
    assert_eq!(
        String::from_utf8(receipt.to_json()).unwrap().as_bytes(),
        kept
    );
    assert_eq!(receipt.models[0].influence, Influence::HeldOut);
    assert!(!receipt.is_complete(), "something was not cleaned");
}

#[test]
fn a_record_of_before_there_were_receipts_is_read_as_one() {
    let kept = include_bytes!("kept/record-0.json");
    let receipt = Receipt::read(kept, "kept").unwrap();
    assert_eq!((receipt.rows_erased, receipt.objects.len()), (1, 1));
    assert_eq!(receipt.whom, Whom::Unsaid);
    assert!(receipt.is_complete());
}

#[test]
fn what_is_no_receipt_is_refused_by_name() {
    for bytes in [
        &b""[..],
        b"{}",
        b"[]",
        br#"{"form": "erasure-receipt-2"}"#,
        br#"{"form": "erasure-receipt-1", "more": 1}"#,
    ] {
        let error = Receipt::read(bytes, "kept").unwrap_err();
        assert_eq!(error.name(), "ReceiptUnreadable");
    }
}
