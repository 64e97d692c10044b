//! The mutations, as data: ways in which the core is broken on purpose.

use crate::copy::workspace;
use lipia_simulation::Promise;
use serde::Deserialize;
use std::error::Error;
use std::path::PathBuf;

/// One row of `simulation/mutations.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutation {
    pub(crate) name: String,
    /// For a reader of the rows.
    #[serde(rename = "means")]
    _means: String,
    /// From the top of the workspace.
    pub(crate) file: PathBuf,
    /// The lines that are replaced. They stand there once.
    find: Vec<String>,
    replace: Vec<String>,
    /// Which promise is broken by it.
    pub(crate) breaks: Vec<Promise>,
    /// What the story must tell.
    #[serde(default)]
    pub(crate) tells: Vec<String>,
    /// So many sales are left at most of a world that shows it, where that takes more than the usual few.
    pub(crate) most_sales_left: Option<usize>,
    /// The plan in `simulation/failed` that found it, once.
    pub(crate) kept: Option<String>,
}

/// All of them.
pub(crate) fn read() -> Result<Vec<Mutation>, Box<dyn Error>> {
    let text = std::fs::read_to_string(workspace().join("simulation/mutations.json"))?;
    Ok(serde_json::from_str(&text)?)
}

impl Mutation {
    /// The file, changed.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        let find = self.find.join("\n");
        let file = self.file.display();
        match text.matches(&find).count() {
            1 => Ok(text.replacen(&find, &self.replace.join("\n"), 1)),
            0 => Err(format!(
                "{file} no longer has what is to be replaced; mend the row in simulation/mutations.json:\n{find}"
            )),
            count => Err(format!(
                "{file} has what is to be replaced {count} times; take more of its lines into simulation/mutations.json:\n{find}"
            )),
        }
    }
}
