//! Links LightGBM's library, out of the wheel that scripts/setup-xgboost unpacks, and lets this crate's tests find it.

fn main() {
    println!("cargo:rerun-if-env-changed=LIGHTGBM_LIB_DIR");
    let Ok(folder) = std::env::var("LIGHTGBM_LIB_DIR") else {
        println!(
            "cargo:error=LIGHTGBM_LIB_DIR is not set: run `eval \"$(scripts/setup-xgboost)\"`, or build with `make build`"
        );
        return;
    };
    println!("cargo:rustc-link-search=native={folder}");
    println!("cargo:rustc-link-lib=dylib=_lightgbm");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
}
