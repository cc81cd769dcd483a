//! Where a stage's documents lie, read back from their URI.

/// The parts of `<store>/runs/<run>/<stage>/<document>`. They are counted from the end, for a store, a run and a
/// stage may themselves be called `runs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagePlace<'a> {
    pub store: &'a str,
    pub run: &'a str,
    pub stage: &'a str,
    pub document: &'a str,
}

impl<'a> StagePlace<'a> {
    pub fn of(uri: &'a str) -> Option<StagePlace<'a>> {
        let mut parts = uri.rsplitn(5, '/');
        let document = parts.next()?;
        let (stage, run) = (parts.next()?, parts.next()?);
        let is_run = parts.next()? == "runs";
        let store = parts.next().filter(|store| !store.is_empty())?;
        is_run.then_some(StagePlace {
            store,
            run,
            stage,
            document,
        })
    }

    /// The folder of the stage in the store.
    pub fn folder(&self) -> String {
        format!("runs/{}/{}", self.run, self.stage)
    }

    /// The key of the document in the store.
    pub fn key(&self) -> String {
        format!("{}/{}", self.folder(), self.document)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn any_part_may_be_called_runs() {
        for (store, run, stage) in [
            ("/data/store", "r1", "train-1"),
            ("s3://bucket/runs", "runs", "runs"),
            ("/runs/runs", "runs", "score-00000"),
            ("memory:runs", "documents", "validate"),
        ] {
            let uri = format!("{store}/runs/{run}/{stage}/input.json");
            let place = StagePlace::of(&uri).unwrap();
            assert_eq!((place.store, place.run, place.stage), (store, run, stage));
            assert_eq!(place.key(), format!("runs/{run}/{stage}/input.json"));
        }
        for other in [
            "",
            "input.json",
            "/runs/r1/input.json",
            "s/runs/r1/input.json",
            "/runs/r1/s/input.json",
            "s/walks/r1/s/input.json",
        ] {
            assert_eq!(StagePlace::of(other), None, "{other}");
        }
    }
}
