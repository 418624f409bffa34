//! The texts of `mechanisms/`, compiled into the binary.

macro_rules! files {
    ($($name:literal,)*) => {
        /// Name and NMODL text of each built-in mechanism, by name.
        pub(super) const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../../mechanisms/", $name, ".mod"))),)*
        ];
    };
}

files! {
    "allen_im_v2",
    "allen_k_p",
    "allen_k_t",
    "allen_kd",
    "allen_kv2like",
    "allen_nap",
    "allen_nata",
    "allen_nats",
    "allen_nav",
    "benison_cal",
    "benison_can",
    "benison_capump",
    "benison_ka",
    "benison_kca",
    "benison_kdr",
    "benison_na",
    "bk",
    "ca_nernst",
    "capool",
    "destexhe_cad",
    "destexhe_h",
    "destexhe_it_ghk",
    "destexhe_it_re",
    "destexhe_it_tc",
    "fohlmeister_ca",
    "fohlmeister_cad",
    "fohlmeister_k",
    "fohlmeister_ka",
    "fohlmeister_kca",
    "fohlmeister_na",
    "ghk_leak",
    "hay_ca_hva",
    "hay_ca_lvast",
    "hay_cadynamics_e2",
    "hay_ih",
    "hay_im",
    "hay_k_pst",
    "hay_k_tst",
    "hay_nap_et2",
    "hay_nata_t",
    "hay_nats2_t",
    "hay_sk_e2",
    "hay_skv3_1",
    "hh",
    "ih",
    "im",
    "mainen_ca",
    "mainen_cad",
    "mainen_kca",
    "mainen_km",
    "mainen_kv",
    "mainen_na",
    "migliore_cal",
    "migliore_can",
    "migliore_cat",
    "migliore_h",
    "migliore_kad",
    "migliore_kahp",
    "migliore_kap",
    "migliore_kdr",
    "migliore_na",
    "nakpump",
    "napool",
    "pas",
    "pospischil_cal",
    "pospischil_cat",
    "pospischil_k",
    "pospischil_km",
    "pospischil_leak",
    "pospischil_na",
    "sk",
    "traub_k",
    "traub_na",
}

/// What is known of each.
pub(super) const CATALOGUE: &str = include_str!("../../../../mechanisms/catalogue.toml");

/// Where they come from, BibTeX.
pub(super) const REFERENCES: &str = include_str!("../../../../mechanisms/references.bib");
