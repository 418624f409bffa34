//! x
use loligo_mechanism::nmodl;
fn main() {
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file).unwrap();
        println!("=== {}", file.rsplit('/').next().unwrap());
        match nmodl::compile(&text, "kdr.mod") {
            Ok(m) => println!("COMPILES {:?}", m.warnings),
            Err(e) => println!("{e}"),
        }
    }
}
