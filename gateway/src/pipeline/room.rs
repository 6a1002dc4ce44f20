//! Whether there is room to take anything in. What is already here is judged and sent all the same.

use crate::{config::Disk, store::Store};

/// Why nothing may be taken in, in words; none while there is room, or nobody can tell.
#[must_use]
pub fn lacking(store: &Store, disk: &Disk) -> Option<String> {
    let space = store.space(disk.path.as_deref()).filter(|space| space.is_below(disk.free_percent))?;
    let percent = u128::from(space.free) * 100 / u128::from(space.total.max(1));
    Some(format!(
        "磁盘只剩 {percent}%（{} MB）可用，低于 {}%：已停止读取，转发照常；腾出空间后自动恢复",
        space.free / 1_000_000,
        disk.free_percent
    ))
}
