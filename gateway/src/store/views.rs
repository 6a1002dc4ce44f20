//! Typed views of the newest state of every record, one kind a view, for reports: `v_hazard` with personal fields masked,
//! `v_hazard_full` without, closed to everybody who is not given it. Made on request, dropped and made again as a whole.

use mappings::{Field, FieldType, Kind};
use sea_orm::DbBackend;

use super::{Result, Store, Write, attribution};

/// The view of whose records are.
const ATTRIBUTION: &str = "v_attribution";
/// Columns that are not the record's own.
const BESIDE: &str = "v.seq AS \"_version\", v.owner_scheme AS \"_owner_scheme\", v.owner AS \"_owner\", v.region AS \"_region\"";

impl Store {
    /// Makes the views of these kinds anew; the names of those made.
    ///
    /// # Errors
    /// When the database refuses: something of somebody else's stands on a view, or the account may make none. Then all
    /// views are as before.
    pub async fn make_views(&self, kinds: &[Kind]) -> Result<Vec<String>> {
        let write = self.write("views").await?;
        let mut made = Vec::new();
        for kind in kinds.iter().filter(|kind| is_plain(kind.name())) {
            for (name, masked) in
                [(format!("v_{}", kind.name()), true), (format!("v_{}_full", kind.name()), false)]
            {
                write.make_view(kind, &name, masked).await?;
                made.push(name);
            }
        }
        write.make_attribution().await?;
        made.push(ATTRIBUTION.to_owned());
        write.commit().await?;
        Ok(made)
    }
}

impl Write {
    /// Whose each newest state is, as the roster stands whenever the view is read.
    async fn make_attribution(&self) -> Result<()> {
        let granted = self.granted(ATTRIBUTION).await?;
        self.run(&format!("DROP VIEW IF EXISTS {ATTRIBUTION}"), vec![]).await?;
        self.run(&attribution::view(ATTRIBUTION), vec![]).await?;
        if self.backend() == DbBackend::Postgres {
            self.run(&format!("COMMENT ON VIEW {ATTRIBUTION} IS '归属'"), vec![]).await?;
        }
        self.grant(ATTRIBUTION, &granted).await
    }

    async fn make_view(&self, kind: &Kind, name: &str, masked: bool) -> Result<()> {
        let backend = self.backend();
        let granted = self.granted(name).await?;
        self.run(&format!("DROP VIEW IF EXISTS \"{name}\""), vec![]).await?;
        self.run(&view(kind, name, masked, backend), vec![]).await?;
        if backend != DbBackend::Postgres {
            return Ok(());
        }
        self.run(&format!("COMMENT ON VIEW \"{name}\" IS '{}'", quoted(kind.label())), vec![]).await?;
        for field in columns(kind) {
            let (field, label) = (field.name(), quoted(field.label()));
            self.run(&format!("COMMENT ON COLUMN \"{name}\".\"{field}\" IS '{label}'"), vec![]).await?;
        }
        if !masked {
            self.run(&format!("REVOKE ALL ON \"{name}\" FROM PUBLIC"), vec![]).await?;
        }
        self.grant(name, &granted).await
    }

    /// Who was given what of a view, which goes with it when it is dropped: its owner apart.
    async fn granted(&self, name: &str) -> Result<Vec<(String, String)>> {
        if self.backend() != DbBackend::Postgres {
            return Ok(Vec::new());
        }
        let sql = "SELECT COALESCE(r.rolname::text, ''), a.privilege_type FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a \
             LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.relname = $1 AND c.relkind = 'v' \
             AND c.relnamespace = current_schema()::regnamespace AND a.grantee <> c.relowner ORDER BY 1, 2";
        let rows = self.all(sql, vec![name.into()]).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    /// Gives it again to whom it was given; a role without a name is everybody.
    async fn grant(&self, name: &str, granted: &[(String, String)]) -> Result<()> {
        for (role, privilege) in granted {
            let to = if role.is_empty() {
                "PUBLIC".to_owned()
            } else {
                format!("\"{}\"", role.replace('"', "\"\""))
            };
            self.run(&format!("GRANT {privilege} ON \"{name}\" TO {to}"), vec![]).await?;
        }
        Ok(())
    }
}

/// Fields whose names can be names of columns without any art.
fn columns(kind: &Kind) -> impl Iterator<Item = &Field> {
    kind.fields().iter().filter(|field| is_plain(field.name()))
}

fn is_plain(name: &str) -> bool {
    name.len() <= 50 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The statement that makes a view.
fn view(kind: &Kind, name: &str, masked: bool, backend: DbBackend) -> String {
    let columns: Vec<String> = columns(kind)
        .map(|field| format!("{} AS \"{}\"", column(field, masked, backend), field.name()))
        .collect();
    format!(
        "CREATE VIEW \"{name}\" AS SELECT {BESIDE}, {} FROM record h JOIN version v ON v.seq = h.head WHERE h.kind = '{}'",
        columns.join(", "),
        quoted(kind.name())
    )
}

/// A field's value in the type it has, or masked.
fn column(field: &Field, masked: bool, backend: DbBackend) -> String {
    let text = text_of(field.name(), backend);
    if let Some(mark) = field.personal().filter(|_| masked) {
        return mask(mark, &text);
    }
    let as_type = match (field.field_type(), backend) {
        (FieldType::Int, DbBackend::Postgres) => "bigint",
        (FieldType::Decimal, DbBackend::Postgres) => "numeric",
        (FieldType::DateTime, DbBackend::Postgres) => "timestamptz",
        (FieldType::Date, DbBackend::Postgres) => "date",
        (FieldType::Time, DbBackend::Postgres) => "time",
        (FieldType::Int, _) => "INTEGER",
        (FieldType::Decimal, _) => "REAL",
        _ => return text,
    };
    format!("CAST({text} AS {as_type})")
}

/// A field of the content of a version `v`, as text.
pub(super) fn text_of(field: &str, backend: DbBackend) -> String {
    let field = quoted(field);
    match backend {
        DbBackend::Postgres => format!("(v.content::json ->> '{field}')"),
        _ => format!("json_extract(v.content, '$.\"{field}\"')"),
    }
}

/// What [`mappings::mask`] shows, in SQL: never more than its ends.
fn mask(mark: &str, text: &str) -> String {
    let few = |least: u32, shown: String| {
        format!("CASE WHEN {text} IS NULL THEN NULL WHEN length({text}) < {least} THEN '*' ELSE {shown} END")
    };
    match mark {
        "name" => few(2, format!("substr({text}, 1, 1) || '**'")),
        "phone" => few(11, format!("substr({text}, 1, 3) || '****' || substr({text}, length({text}) - 3)")),
        "id-number" => few(15, format!("substr({text}, 1, 1) || '****' || substr({text}, length({text}))")),
        _ => format!("CASE WHEN {text} IS NULL THEN NULL ELSE '***' END"),
    }
}

fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
