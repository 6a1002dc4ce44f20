//! Makes cargo look at the shipped rules: a file added to an embedded folder must rebuild the crate.

fn main() {
    for folder in ["kinds", "profiles", "tables", "destinations", "sources/demo-park", "demo"] {
        println!("cargo::rerun-if-changed=../mappings/{folder}");
    }
}
