//! The keys that sign links.
//!
//! Written as `id:base64 of 32 bytes`, comma between, newest first: the first signs, all verify.
//! An id is a number from 1 to 255 and says in each link which key made it, so a key keeps its id
//! for as long as its links shall live; a new key goes in front with an id that was never used.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    num::NonZeroU8,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use hmac::{Hmac, Mac as _};
use rand::{TryRngCore as _, rngs::OsRng};
use secrecy::{ExposeSecret as _, SecretBox, SecretString, zeroize::Zeroizing};
use sha2::Sha256;

/// Length of a key in bytes.
const LENGTH: usize = 32;

/// People copy keys with and without the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is wrong with keys, as a sentence that never holds any part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error(
        "there is no key: give at least one as `id:base64 of 32 bytes`, for example with `echo \"1:$(openssl rand -base64 32)\"`"
    )]
    None,
    #[error("key number {0} in the list has no colon: write it as `id:base64 of 32 bytes`")]
    NoColon(usize),
    #[error("the id of key number {0} in the list must be a number from 1 to 255")]
    Id(usize),
    #[error("the id {0} stands there twice: each key needs an id of its own")]
    Twice(NonZeroU8),
    #[error("the key with id {0} is not base64")]
    NotBase64(NonZeroU8),
    #[error("the key with id {id} has {bytes} bytes and needs 32: make one with `openssl rand -base64 32`")]
    Length { id: NonZeroU8, bytes: usize },
    #[error("{} can be read by others than its owner (mode {mode:03o}): run `chmod 600 {}`, and give new keys if somebody may have read it", .path.display(), .path.display())]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("the key file {} is not usable: {source}", .path.display())]
    InFile { path: PathBuf, source: Box<KeysError> },
    #[error("the key file {} cannot be read or made: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
}

/// One signing key. Its bytes leave it only as a MAC.
pub struct Key {
    id: NonZeroU8,
    secret: SecretBox<[u8; LENGTH]>,
}

impl Key {
    pub fn id(&self) -> u8 {
        self.id.get()
    }

    /// An HMAC-SHA256 (RFC 2104) under this key that has taken in `domain` and a zero byte, so
    /// that what is signed for one thing never verifies for another. `domain` holds no zero byte.
    pub fn mac(&self, domain: &str) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(self.secret.expose_secret())
            .expect("HMAC takes keys of any length");
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, …)", self.id)
    }
}

/// At least one key, newest first, no id twice. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Keys(Arc<[Key]>);

impl Keys {
    /// Reads `id:base64 of 32 bytes`, comma between, newest first; white space around is ignored.
    pub fn parse(text: &SecretString) -> Result<Self, KeysError> {
        let mut keys: Vec<Key> = Vec::new();
        let items = text.expose_secret().split(',').map(str::trim);
        for (at, item) in items.filter(|item| !item.is_empty()).enumerate() {
            let key = parse_one(at + 1, item)?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(KeysError::Twice(key.id));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(KeysError::None);
        }
        Ok(Self(keys.into()))
    }

    /// The keys of a file that only its owner can read; makes the file (mode 0600) with one new
    /// random key when there is none. Of several processes that make it at once, one wins and all
    /// get its key; a crash leaves no half file.
    pub fn load_or_make(path: &Path) -> Result<Self, KeysError> {
        let broken = |source| KeysError::File { path: path.to_owned(), source };
        let text = match read_private(path)? {
            Some(text) => text,
            None => {
                make(path).map_err(broken)?;
                read_private(path)?.ok_or_else(|| broken(io::ErrorKind::NotFound.into()))?
            }
        };
        Self::parse(&text)
            .map_err(|source| KeysError::InFile { path: path.to_owned(), source: Box::new(source) })
    }

    /// The key that signs.
    pub fn newest(&self) -> &Key {
        &self.0[0]
    }

    /// The key that a link names.
    pub fn find(&self, id: u8) -> Option<&Key> {
        self.0.iter().find(|key| key.id() == id)
    }
}

fn parse_one(at: usize, item: &str) -> Result<Key, KeysError> {
    let (id, base64) = item.split_once(':').ok_or(KeysError::NoColon(at))?;
    let id: NonZeroU8 = id.trim().parse().map_err(|_| KeysError::Id(at))?;
    let bytes = Zeroizing::new(BASE64.decode(base64.trim()).map_err(|_| KeysError::NotBase64(id))?);
    let secret = <[u8; LENGTH]>::try_from(bytes.as_slice())
        .map_err(|_| KeysError::Length { id, bytes: bytes.len() })?;
    Ok(Key { id, secret: SecretBox::new(Box::new(secret)) })
}

/// The text of a file that nobody but its owner may read; `None` when there is no file.
fn read_private(path: &Path) -> Result<Option<SecretString>, KeysError> {
    let broken = |source| KeysError::File { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(broken(error)),
    };
    refuse_if_open_to_others(path, &file)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(broken)?;
    Ok(Some(text.into()))
}

#[cfg(unix)]
fn refuse_if_open_to_others(path: &Path, file: &File) -> Result<(), KeysError> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = file.metadata().map_err(|source| KeysError::File { path: path.to_owned(), source })?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeysError::ReadableByOthers { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_open_to_others(_: &Path, _: &File) -> Result<(), KeysError> {
    Ok(())
}

/// Writes a whole file beside the place, then links it there: the name appears with its content
/// or not at all, and never replaces the keys of somebody who was faster.
fn make(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    make_private_folder(folder)?;
    let draft = path.with_extension(format!("{}-{:08x}.tmp", std::process::id(), rand::random::<u32>()));
    let written = write_private(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    fs::remove_file(&draft)?;
    written?;
    File::open(folder)?.sync_all()
}

fn write_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let line = Zeroizing::new(format!("1:{}\n", new_key()?.as_str()));
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn new_key() -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0_u8; LENGTH]);
    OsRng.try_fill_bytes(bytes.as_mut_slice()).map_err(io::Error::other)?;
    Ok(Zeroizing::new(STANDARD.encode(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Keys, KeysError> {
        Keys::parse(&text.to_owned().into())
    }

    fn base64(byte: u8) -> String {
        STANDARD.encode([byte; LENGTH])
    }

    #[test]
    fn the_first_key_signs_and_all_are_found() {
        let keys = parse(&format!(" 7:{} ,\n2:{}\n", base64(1), base64(2).trim_end_matches('='))).unwrap();
        assert_eq!(keys.newest().id(), 7);
        assert_eq!(keys.find(2).unwrap().id(), 2);
        assert!(keys.find(3).is_none());
    }

    #[test]
    fn every_mistake_is_a_sentence_without_the_key() {
        let good = base64(1);
        let short = STANDARD.encode([9_u8; 31]);
        let cases = [
            (String::new(), "there is no key"),
            (" , ".to_owned(), "there is no key"),
            (good.clone(), "key number 1 in the list has no colon"),
            (
                format!("1:{good},0:{good}"),
                "the id of key number 2 in the list must be a number from 1 to 255",
            ),
            (format!("256:{good}"), "must be a number from 1 to 255"),
            (format!("new:{good}"), "must be a number from 1 to 255"),
            (format!("3:{good},3:{}", base64(2)), "the id 3 stands there twice"),
            ("4:sécret".to_owned(), "the key with id 4 is not base64"),
            (format!("5:{short}"), "has 31 bytes and needs 32"),
        ];
        for (text, expected) in cases {
            let sentence = parse(&text).unwrap_err().to_string();
            assert!(sentence.contains(expected), "{sentence}");
            assert!(!sentence.contains(&good) && !sentence.contains(&short) && !sentence.contains("sécret"));
        }
    }

    #[test]
    fn keys_are_never_printed() {
        let keys = parse(&format!("1:{}", base64(1))).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys([Key(1, …)])");
    }

    #[test]
    fn a_file_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/keys");
        let makers: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || mac_of(&Keys::load_or_make(&path).unwrap()))
            })
            .collect();
        let made: Vec<Vec<u8>> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
        assert!(made.iter().all(|mac| *mac == made[0]));
        assert_eq!(mac_of(&Keys::load_or_make(&path).unwrap()), made[0]);
        let names: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["keys"]);
    }

    fn mac_of(keys: &Keys) -> Vec<u8> {
        keys.newest().mac("test").finalize().into_bytes().to_vec()
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        Keys::load_or_make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let sentence = Keys::load_or_make(&path).unwrap_err().to_string();
        assert!(
            sentence.contains("can be read by others than its owner (mode 640): run `chmod 600"),
            "{sentence}"
        );
    }

    #[test]
    fn an_empty_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        write_private(&path).unwrap();
        fs::write(&path, "\n").unwrap();
        let sentence = Keys::load_or_make(&path).unwrap_err().to_string();
        assert!(sentence.contains("keys is not usable: there is no key"), "{sentence}");
    }
}
