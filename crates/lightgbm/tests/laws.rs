//! No file makes the reader panic, whatever was done to it.
#![allow(clippy::unwrap_used)]

use millrace_lightgbm::{LightGbm, Scorer};
use proptest::prelude::*;

const MODEL: &str = include_str!("golden/categories.txt");

proptest! {
    #[test]
    fn any_change_is_read_or_refused(place in 0..MODEL.len(), other in "[0-9 =a-z.\\-\n]{0,6}", cut in 0_usize..9) {
        let end = MODEL.find("end of trees").unwrap();
        let place = place % end;
        let mut text = MODEL[..place].to_owned();
        text.push_str(&other);
        text.push_str(&MODEL[(place + cut).min(MODEL.len())..]);
        if let Ok(model) = LightGbm::from_text(&text) {
            let column = [0.5, f64::NAN, -1e300];
            let columns: Vec<&[f64]> = vec![&column; model.feature_names().len()];
            let plain = model.predict_row(&vec![0.5; columns.len()]);
            let many = Scorer::new(&model).predict(&columns).unwrap();
            let walked = Scorer::walking(&model).predict(&columns).unwrap();
            prop_assert_eq!(plain[0].to_bits(), many[0].to_bits());
            let same = many.iter().zip(&walked).all(|(a, b)| a.to_bits() == b.to_bits());
            prop_assert!(same, "{:?} {:?}", many, walked);
        }
    }
}
