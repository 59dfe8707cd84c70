//! Files that pages need, inside the binary, under an address that changes with their bytes.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A file as it is served.
#[derive(Clone, Debug)]
pub struct Asset {
    pub path: &'static str,
    pub bytes: &'static [u8],
    pub content_type: &'static str,
    /// A strong entity tag with its quotes: the hash of the bytes.
    pub etag: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("app.css", "text/css; charset=utf-8", include_bytes!("../assets/app.css")),
        asset("docs.css", "text/css; charset=utf-8", include_bytes!("../assets/docs.css")),
        asset("mark.svg", "image/svg+xml", include_bytes!("../assets/mark.svg")),
    ]
});

/// The file of a name, as in `/assets/{name}`.
pub fn get(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// The address of a file for pages. With this version in it, it may be kept for ever.
pub fn href(path: &str) -> String {
    match get(path) {
        Some(asset) => format!("/assets/{path}?v={}", asset.version()),
        None => format!("/assets/{path}"),
    }
}

impl Asset {
    /// What stands behind `?v=`.
    pub fn version(&self) -> &str {
        self.etag.trim_matches('"')
    }
}

fn asset(path: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..12]);
    Asset { path, bytes, content_type, etag: format!("\"{hash}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_bytes() {
        let asset = get("app.css").unwrap();
        assert_eq!(href("app.css"), format!("/assets/app.css?v={}", asset.version()));
        assert_eq!(asset.version().len(), 16);
        assert!(get("../Cargo.toml").is_none());
    }

    #[test]
    fn styles_fetch_nothing() {
        for asset in ASSETS.iter() {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            let fetches = text.contains("@import") || text.contains("url(") || text.contains("href");
            assert!(!fetches, "{} fetches something", asset.path);
        }
    }
}
