//! Hadoop's file-system keys translated to object_store's, so that a cluster configured for
//! `s3a://`, `abfss://` or `gs://` needs no second configuration.

use std::str::FromStr;

use object_store::aws::AmazonS3ConfigKey;
use object_store::azure::AzureConfigKey;
use object_store::gcp::GoogleConfigKey;
use url::Url;

use super::options::StorageOptions;
use crate::error::{Error, Result};

/// `fs.s3a.<suffix>` keys that have one counterpart.
const S3A: &[(&str, &str)] = &[
    ("access.key", "aws_access_key_id"),
    ("secret.key", "aws_secret_access_key"),
    ("session.token", "aws_session_token"),
    ("endpoint", "aws_endpoint"),
    ("endpoint.region", "aws_region"),
];

/// Options for the store of `url`: object_store keys are kept (and must exist), Hadoop keys are
/// translated, Hadoop keys without meaning here (pool sizes, time-outs) are dropped.
pub(super) fn to_object_store(url: &Url, options: &StorageOptions) -> Result<StorageOptions> {
    let mut translated = match url.scheme() {
        "s3" => s3a(url.host_str().unwrap_or_default(), options),
        "abfs" | "abfss" | "az" | "azure" => azure(url, options)?,
        "gs" => google(options),
        _ => return Ok(StorageOptions::new()),
    };
    for (key, value) in options.iter().filter(|(key, _)| !key.starts_with("fs.")) {
        let key = key.to_ascii_lowercase();
        if !is_known(url.scheme(), &key) {
            return Err(Error::invalid(format!(
                "Cannot use the storage option '{key}' for {url}: object_store does not know it; \
                 see docs/compatibility.md for the keys"
            )));
        }
        translated.insert(key, value.clone());
    }
    Ok(translated)
}

fn is_known(scheme: &str, key: &str) -> bool {
    key.starts_with("client_")
        || key == "allow_http"
        || match scheme {
            "s3" => AmazonS3ConfigKey::from_str(key).is_ok(),
            "gs" => GoogleConfigKey::from_str(key).is_ok(),
            _ => AzureConfigKey::from_str(key).is_ok(),
        }
}

fn s3a(bucket: &str, options: &StorageOptions) -> StorageOptions {
    let get = |suffix: &str| {
        options
            .get(&format!("fs.s3a.bucket.{bucket}.{suffix}"))
            .or_else(|| options.get(&format!("fs.s3a.{suffix}")))
            .filter(|value| !value.is_empty())
    };
    let mut out: StorageOptions = S3A
        .iter()
        .filter_map(|(suffix, key)| Some(((*key).to_owned(), get(suffix)?.clone())))
        .collect();
    if get("path.style.access").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
        out.insert("aws_virtual_hosted_style_request".into(), "false".into());
    }
    if let Some(endpoint) = out.get_mut("aws_endpoint") {
        let tls = get("connection.ssl.enabled").is_none_or(|v| !v.eq_ignore_ascii_case("false"));
        if !endpoint.contains("://") {
            *endpoint = format!("{}://{endpoint}", if tls { "https" } else { "http" });
        }
        if endpoint.starts_with("http://") {
            out.insert("aws_allow_http".into(), "true".into());
        }
    }
    out
}

/// Keys of Azure's that have one counterpart. Hadoop looks for each with the account's host at its end first.
const AZURE: &[(&str, &str)] = &[
    ("fs.azure.account.key", "azure_storage_account_key"),
    ("fs.azure.sas.fixed.token", "azure_storage_sas_key"),
    (AZURE_CLIENT, "azure_storage_client_id"),
    (
        "fs.azure.account.oauth2.client.secret",
        "azure_storage_client_secret",
    ),
];
const AZURE_CLIENT: &str = "fs.azure.account.oauth2.client.id";
const AZURE_ENDPOINT: &str = "fs.azure.account.oauth2.client.endpoint";

/// Errors: InvalidInput for a client with a secret whose tenant nothing names: another identity would be used.
fn azure(url: &Url, options: &StorageOptions) -> Result<StorageOptions> {
    let host = url.host_str().unwrap_or_default();
    let get = |key: &str| {
        options
            .get(&format!("{key}.{host}"))
            .or_else(|| options.get(key))
            .filter(|value| !value.is_empty())
    };
    let mut out: StorageOptions = AZURE
        .iter()
        .filter_map(|(key, ours)| Some(((*ours).to_owned(), get(key)?.clone())))
        .collect();
    if let Some(endpoint) = get(AZURE_ENDPOINT) {
        let (authority, tenant) = tenant(endpoint).ok_or_else(|| {
            Error::invalid(format!(
                "Cannot use {AZURE_ENDPOINT}={endpoint} for {url}: it names no tenant; it must be like \
                 https://login.microsoftonline.com/<tenant>/oauth2/token"
            ))
        })?;
        out.insert("azure_storage_tenant_id".into(), tenant);
        out.insert("azure_storage_authority_host".into(), authority);
    } else if let Some(tenant) = get("fs.azure.account.oauth2.msi.tenant") {
        out.insert("azure_storage_tenant_id".into(), tenant.clone());
    }
    let has = |key: &str| out.contains_key(key);
    let is_secret = has("azure_storage_client_id") && has("azure_storage_client_secret");
    let is_told = ["account_key", "sas_key", "tenant_id"]
        .iter()
        .any(|key| has(&format!("azure_storage_{key}")));
    if is_secret
        && !is_told
        && !options
            .keys()
            .any(|key| key.to_ascii_lowercase().ends_with("tenant_id"))
    {
        return Err(Error::invalid(format!(
            "Cannot use {AZURE_CLIENT} for {url}: {AZURE_ENDPOINT} is missing, which names its tenant"
        )));
    }
    Ok(out)
}

/// Authority and tenant of a token endpoint.
fn tenant(endpoint: &str) -> Option<(String, String)> {
    let url = Url::parse(endpoint).ok()?;
    let tenant = url
        .path_segments()?
        .next()
        .filter(|tenant| !tenant.is_empty())?;
    Some((url.origin().ascii_serialization(), tenant.to_owned()))
}

fn google(options: &StorageOptions) -> StorageOptions {
    [
        "fs.gs.auth.service.account.json.keyfile",
        "google.cloud.auth.service.account.json.keyfile",
    ]
    .iter()
    .filter_map(|key| options.get(*key))
    .map(|file| ("google_service_account".to_owned(), file.clone()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> StorageOptions {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn s3a_keys_become_aws_keys_and_bucket_keys_win() {
        let url = Url::parse("s3://b/t/").unwrap();
        let given = options(&[
            ("fs.s3a.access.key", "general"),
            ("fs.s3a.bucket.b.access.key", "mine"),
            ("fs.s3a.endpoint", "http://localhost:9000"),
            ("fs.s3a.path.style.access", "true"),
            ("fs.s3a.threads.max", "10"),
        ]);
        let expected = options(&[
            ("aws_access_key_id", "mine"),
            ("aws_allow_http", "true"),
            ("aws_endpoint", "http://localhost:9000"),
            ("aws_virtual_hosted_style_request", "false"),
        ]);
        assert_eq!(to_object_store(&url, &given).unwrap(), expected);
    }

    #[test]
    fn azure_keys_are_those_of_the_account() {
        let url = |account: &str| {
            Url::parse(&format!("abfss://c@{account}.dfs.core.windows.net/t/")).unwrap()
        };
        let given = options(&[
            ("fs.azure.account.key.aaa.dfs.core.windows.net", "K1"),
            ("fs.azure.account.key.bbb.dfs.core.windows.net", "K2"),
            (
                "fs.azure.account.keyprovider.ccc.dfs.core.windows.net",
                "a.b.Class",
            ),
            (
                "fs.azure.account.oauth2.client.id.ddd.dfs.core.windows.net",
                "client",
            ),
            (
                "fs.azure.account.oauth2.client.secret.ddd.dfs.core.windows.net",
                "secret",
            ),
            (
                "fs.azure.account.oauth2.client.endpoint.ddd.dfs.core.windows.net",
                "https://login.microsoftonline.com/tenant/oauth2/token",
            ),
            (
                "fs.azure.account.oauth2.client.id.eee.dfs.core.windows.net",
                "client",
            ),
        ]);
        let of = |account| to_object_store(&url(account), &given);
        assert_eq!(
            of("aaa").unwrap(),
            options(&[("azure_storage_account_key", "K1")])
        );
        assert_eq!(
            of("bbb").unwrap(),
            options(&[("azure_storage_account_key", "K2")])
        );
        assert_eq!(of("ccc").unwrap(), options(&[]));
        let oauth = options(&[
            (
                "azure_storage_authority_host",
                "https://login.microsoftonline.com",
            ),
            ("azure_storage_client_id", "client"),
            ("azure_storage_client_secret", "secret"),
            ("azure_storage_tenant_id", "tenant"),
        ]);
        assert_eq!(of("ddd").unwrap(), oauth);
        for key in oauth.keys() {
            assert!(is_known("abfss", key), "{key}");
        }
        // A managed identity.
        assert_eq!(
            of("eee").unwrap(),
            options(&[("azure_storage_client_id", "client")])
        );
        let mut given = given.clone();
        let secret = "fs.azure.account.oauth2.client.secret.eee.dfs.core.windows.net";
        given.insert(secret.into(), "secret".into());
        let error = to_object_store(&url("eee"), &given).unwrap_err();
        assert!(error.message.contains("endpoint is missing"), "{error}");
    }

    #[test]
    fn unknown_object_store_keys_are_refused() {
        let url = Url::parse("s3://b/t/").unwrap();
        let error = to_object_store(&url, &options(&[("aws_acces_key", "x")])).unwrap_err();
        assert!(error.message.contains("'aws_acces_key'"), "{error}");
    }
}
