//! `inbound`: one mail on standard input, from a mail server's pipe.

use std::{io::Read as _, sync::Arc};

use mensuel_infra::{clock::SystemClock, say as sentences, store::inbound::Door};

use super::{Call, Ended, Stopped, aside, words};
use crate::{
    mail_doors::{take_in, with_return_path},
    serve::{self, Base},
};

/// Bytes that are read at most; a mail server waits for its pipe to be emptied.
const MOST: u64 = 64 * 1024 * 1024;

pub(super) async fn inbound(
    call: Call,
    recipient: Option<String>,
    sender: Option<String>,
) -> Result<Ended, Stopped> {
    if !serve::has_data(&call.config) {
        return Err(Stopped::refused(words::nobody_lives_here(call.lang, &call.config.data_dir)));
    }
    let app = serve::open(&call.config, Arc::new(SystemClock), Base::NotNeeded).await?;
    let mut raw = Vec::new();
    std::io::stdin()
        .lock()
        .take(MOST)
        .read_to_end(&mut raw)
        .map_err(|error| Stopped::refused(error.to_string()))?;
    let raw = match sender {
        Some(sender) => with_return_path(&sender, &raw),
        None => raw,
    };
    let received = take_in(&app, Door::Pipe, raw, recipient).await?;
    aside(&sentences::inbound_reason(call.lang, received.filed.reason));
    Ok(Ended::Done)
}
