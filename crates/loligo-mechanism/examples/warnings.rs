use loligo_mechanism::nmodl;
fn main() {
    for file in std::env::args().skip(1) {
        let Ok(bytes) = std::fs::read(&file) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        match nmodl::compile(&text, &file) {
            Ok(m) => {
                println!("OK {file}");
                for w in m.warnings {
                    println!("{w}");
                }
            }
            Err(e) => println!("FAIL {}", e.to_string().lines().next().unwrap()),
        }
    }
}
