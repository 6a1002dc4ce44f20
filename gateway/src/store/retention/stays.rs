//! What must stay, however old: everything owed, held, under way, or the newest of its record; as words of SQL over a row
//! `p` of the table, `$1` being the moment before which things are old.

use sea_orm::DbBackend;

use super::What;

const RAW: &str = "EXISTS (SELECT 1 FROM blob b WHERE b.no = p.no AND (b.used_at >= $1 OR b.digest IN ( \
     SELECT d.blob FROM part q JOIN document d ON d.no = q.document WHERE q.state = 'pending' \
     UNION ALL SELECT d.blob FROM held h JOIN document d ON d.no = h.document WHERE h.state = 'held' \
     UNION ALL SELECT t.digest FROM taken_file t JOIN part q ON q.document = t.document WHERE q.state = 'pending' \
     UNION ALL SELECT t.digest FROM taken_file t JOIN held h ON h.document = t.document WHERE h.state = 'held' \
     UNION ALL SELECT m.digest FROM version_image m \
     UNION ALL SELECT m.digest FROM contribution_image m \
     UNION ALL SELECT o.payload FROM batch o WHERE o.state <> 'settled' \
     UNION ALL SELECT a.answer FROM batch o JOIN attempt a ON a.batch = o.id \
     WHERE o.state <> 'settled' AND a.answer IS NOT NULL)))";

/// The last two: what a destination owes but has not read yet; and the first that a scope took, while an older one of its
/// record is there, which would count as the first instead.
const VERSIONS: &str = "p.at >= $1 \
     OR EXISTS (SELECT 1 FROM record h WHERE h.no = p.record AND h.head = p.seq) \
     OR EXISTS (SELECT 1 FROM destination t JOIN delivery d ON d.destination = t.name AND d.record = p.record \
     WHERE d.version = p.seq OR d.next_version = p.seq OR d.confirmed = p.seq) \
     OR EXISTS (SELECT 1 FROM batch_member m JOIN batch o ON o.id = m.batch WHERE m.version = p.seq AND o.state <> 'settled') \
     OR EXISTS (SELECT 1 FROM destination t JOIN destination_kind k ON k.destination = t.name WHERE k.kind = p.kind \
     AND p.seq > t.position AND p.seq > k.start_seq AND (k.until_seq IS NULL OR p.seq <= k.until_seq)) \
     OR EXISTS (SELECT 1 FROM destination_kind k JOIN version u ON u.record = p.record AND u.seq < p.seq \
     AND u.seq > k.from_seq WHERE k.kind = p.kind AND p.seq <= k.start_seq AND NOT EXISTS ( \
     SELECT 1 FROM version w WHERE w.record = p.record AND w.seq > p.seq AND w.seq <= k.start_seq))";

const ISSUES: &str = "p.at >= $1 \
     OR EXISTS (SELECT 1 FROM held h WHERE h.document = p.document AND h.place = p.place AND h.state = 'held') \
     OR p.no IN (SELECT j.issue FROM rejection j JOIN document d ON d.no = j.last_document WHERE d.received_at >= $1)";

/// Words that are true of a row that stays.
pub(super) const fn stays(what: What) -> &'static str {
    match what {
        What::Raw => RAW,
        What::Versions => VERSIONS,
        What::Issues => ISSUES,
    }
}

/// The rows from `$2` to before `$3` that go, as the columns of the list.
pub(super) fn goes(what: What) -> String {
    let (columns, of) = match what {
        What::Raw => (
            "p.no AS key, OCTET_LENGTH(p.bytes) AS bytes, NULL, NULL, NULL, NULL, NULL, NULL",
            "blob_bytes p",
        ),
        What::Versions => (
            "p.seq AS key, OCTET_LENGTH(p.content) + OCTET_LENGTH(p.inputs) AS bytes, p.record, p.kind, \
             CASE WHEN p.again = 0 THEN p.document END, p.part, p.test, p.owner_scheme",
            "version p",
        ),
        What::Issues => {
            ("p.no AS key, OCTET_LENGTH(p.issues) AS bytes, NULL, NULL, NULL, NULL, NULL, NULL", "issue p")
        }
    };
    let key = if what == What::Versions { "seq" } else { "no" };
    format!("SELECT {columns} FROM {of} WHERE p.{key} >= $2 AND p.{key} < $3 AND NOT ({})", stays(what))
}

/// Makes the list: a table that ends with its transaction.
pub(super) const fn list(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "CREATE TABLE retention_gone (key BIGINT PRIMARY KEY, bytes BIGINT NOT NULL, record BIGINT, \
             kind TEXT COLLATE \"C\", document BIGINT, part BIGINT, test BIGINT, owner_scheme TEXT COLLATE \"C\")"
        }
        _ => {
            "CREATE TEMP TABLE retention_gone (key INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, record INTEGER, \
             kind TEXT, document INTEGER, part INTEGER, test INTEGER, owner_scheme TEXT)"
        }
    }
}
