//! Values on the command line: shares, lengths of time, moments, origins, a release or an app.

use std::{str::FromStr, time::Duration};

use contract::{
    AppName, AppVersion, NameError, Version,
    admin::{ReleaseId, SHARE_ALL},
};

use crate::output::time::{parse_length, parse_moment};

/// A share in basis points, written `5%`, `0.5%` or `100%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share(pub(super) u16);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule =
            || "a share is written like `5%` or `0.5%`: above 0, at most 100, two digits after the point".to_owned();
        let number = text.trim().strip_suffix('%').ok_or_else(rule)?.trim_end();
        let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
        let digits =
            |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 3) || !digits(rest, 2) {
            return Err(rule());
        }
        let basis_points: u32 = format!("{whole}{rest:0<2}").parse().map_err(|_| rule())?;
        let share = u16::try_from(basis_points).map_err(|_| rule())?;
        if (1..=SHARE_ALL).contains(&share) {
            Ok(Self(share))
        } else {
            Err(rule())
        }
    }
}

/// A limit in basis points; unlike a share it may be `0%`.
pub(super) fn limit(text: &str) -> Result<u16, String> {
    match text.trim() {
        "0%" => Ok(0),
        other => other.parse::<Share>().map(|share| share.0),
    }
}

/// A length of time.
pub(super) fn length(text: &str) -> Result<Duration, String> {
    parse_length(text).map_err(|error| error.to_string())
}

/// A moment, in milliseconds since 1970.
pub(super) fn moment(text: &str) -> Result<u64, String> {
    parse_moment(text).map_err(|error| error.to_string())
}

/// An app without a version.
pub(super) fn app(text: &str) -> Result<AppName, String> {
    text.parse().map_err(|error: NameError| match text.split_once('@') {
        Some((app, _)) => format!("give the app alone: `{}`", app.escape_debug()),
        None => error.to_string(),
    })
}

/// Where an app goes back to: `checkout`, to what was before, or `checkout@1.3.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Earlier {
    pub(super) app: AppName,
    pub(super) to: Option<Version>,
}

impl FromStr for Earlier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(AppVersion { app, version }) = text.parse() {
            return Ok(Self { app, to: Some(version) });
        }
        let app = text.parse();
        app.map(|app| Self { app, to: None })
            .map_err(|_| "give an app, like `checkout`, or one at a version, like `checkout@1.3.0`".into())
    }
}

/// Where the BFF of an app runs: `checkout=http://10.1.2.3:4103`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OriginOf {
    pub(super) app: AppName,
    pub(super) origin: String,
}

impl FromStr for OriginOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = "an origin is written like `checkout=http://10.1.2.3:4103`";
        let (app, origin) = text.split_once('=').ok_or(rule)?;
        if !origin.starts_with("http://") {
            return Err(rule.into());
        }
        Ok(Self {
            app: app.parse().map_err(|error| format!("{error}; {rule}"))?,
            origin: origin.into(),
        })
    }
}

/// Which release: its id, or the app whose canary it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Release(ReleaseId),
    CanaryOf(AppName),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Release(id));
        }
        let app = text.parse().map(Self::CanaryOf);
        app.map_err(|_| "give a release like `r57`, or the app whose canary it is, like `checkout`".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_to_the_basis_point() {
        for (text, expected) in [
            ("5%", 500),
            ("0.5%", 50),
            ("0.01%", 1),
            ("12.25 %", 1225),
            ("100%", 10_000),
        ] {
            assert_eq!(text.parse::<Share>().unwrap().0, expected, "{text}");
        }
        for bad in [
            "", "5", "%", "0%", "101%", "-5%", "0.001%", "5.%", ".5%", "+5%", "999%", "five%",
        ] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
        assert_eq!(limit("0%"), Ok(0));
        assert_eq!(limit("2.5%"), Ok(250));
    }

    #[test]
    fn origins_and_targets_are_told_apart() {
        let origin: OriginOf = "checkout=http://10.1.2.3:4103".parse().unwrap();
        assert_eq!(
            (origin.app.as_str(), origin.origin.as_str()),
            ("checkout", "http://10.1.2.3:4103")
        );
        for bad in ["http://10.1.2.3", "checkout=10.1.2.3", "Check=http://x", "checkout"] {
            assert!(bad.parse::<OriginOf>().is_err(), "{bad}");
        }
        assert_eq!("r57".parse(), Ok(Target::Release(ReleaseId(57))));
        assert_eq!("checkout".parse(), Ok(Target::CanaryOf("checkout".parse().unwrap())));
        assert!("checkout@1.0.0".parse::<Target>().is_err());
        let earlier: Earlier = "checkout@1.3.0".parse().unwrap();
        assert_eq!(earlier.to.unwrap().as_str(), "1.3.0");
        assert_eq!("checkout".parse::<Earlier>().unwrap().to, None);
        assert!("checkout@".parse::<Earlier>().is_err());
        assert_eq!(app("checkout@1.0.0"), Err("give the app alone: `checkout`".into()));
    }
}
