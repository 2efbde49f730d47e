//! The clustering of a table in its log (Delta protocol, "Clustered Table").

use serde_json::{Value, json};

/// The action that sets the domain of clustering columns, physical paths; none without clustering.
pub fn domain(columns: Option<&[Vec<String>]>) -> Value {
    let domain = "delta.clustering";
    let configuration = json!({
        "clusteringColumns": columns.unwrap_or_default(),
        "domainName": domain,
    });
    json!({"domainMetadata": {
        "domain": domain,
        "configuration": configuration.to_string(),
        "removed": false,
    }})
}
