//! The Amazon States Language: read strictly, checked, and turned into types that hold no wrong state.

mod checks;
mod fields;
mod json;
mod load;
mod machine;
mod policy;
mod resource;
mod states;

pub(crate) use machine::{
    Catcher, Choice, Exit, Fail, Flow, Given, Kind, MapMode, MapState, Parallel, Pass,
    ResultWriter, State, Succeed, Task, Transition, Wait, WaitUntil,
};
pub use machine::{Machine, StateType};
pub use resource::Resource;
