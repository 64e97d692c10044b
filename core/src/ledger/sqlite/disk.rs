//! The disk below a ledger's file. SQLite's write-ahead log needs memory that all processes share and locks that hold: on a
//! network disk, or a folder that a virtual machine shares with its host, it corrupts the file without an error.

use std::path::Path;

/// What a folder stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    allow(dead_code, reason = "elsewhere every disk counts as the machine's own")
)]
pub(super) enum Disk {
    /// A disk of this machine, or one of which nothing is known.
    Own,
    /// A disk that other machines reach too, by its name.
    Shared(&'static str),
    /// Memory: what is kept there is gone after a restart.
    Memory,
    /// The layer of a container: what is kept there is gone with the container.
    Container,
}

/// The disk of a folder. Known on Linux and Android; elsewhere every disk counts as the machine's own.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn of(folder: &Path) -> Disk {
    use std::os::unix::fs::MetadataExt;
    let Ok(stat) = rustix::fs::statfs(folder) else {
        return Disk::Own;
    };
    #[allow(
        trivial_numeric_casts,
        clippy::unnecessary_cast,
        clippy::cast_lossless,
        clippy::cast_possible_wrap,
        reason = "`f_type` is signed on Linux and unsigned on Android, and of more than one size; the lower half is what counts"
    )]
    let magic = (stat.f_type as i64) & 0xFFFF_FFFF;
    if magic != FUSE {
        return by_magic(magic);
    }
    let device = std::fs::metadata(folder).map_or(0, |folder| folder.dev());
    let device = format!(
        "{}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device)
    );
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    by_fuse_name(fuse_name(&mounts, &device))
}

/// The disk of a folder. Known on Linux and Android; elsewhere every disk counts as the machine's own.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn of(_: &Path) -> Disk {
    Disk::Own
}

/// File systems in user space, virtiofs among them: the number says nothing of what is behind them.
#[cfg(any(target_os = "linux", target_os = "android", test))]
const FUSE: i64 = 0x6573_5546;

/// Linux's numbers of file systems, from `statfs(2)` and `linux/magic.h`.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn by_magic(magic: i64) -> Disk {
    match magic {
        0x6969 => Disk::Shared("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Disk::Shared("SMB"),
        0x0102_1997 => Disk::Shared("9P"),
        0x5346_414F | 0x6B41_4653 => Disk::Shared("AFS"),
        0x00C3_6400 => Disk::Shared("Ceph"),
        0x7375_7245 => Disk::Shared("Coda"),
        0x0BD0_0BD0 => Disk::Shared("Lustre"),
        0x0116_1970 => Disk::Shared("GFS2"),
        0x7461_636F => Disk::Shared("OCFS2"),
        0x4750_4653 => Disk::Shared("GPFS"),
        0x1983_0326 => Disk::Shared("BeeGFS"),
        0x786F_4256 => Disk::Shared("VirtualBox"),
        0xBACB_ACBC => Disk::Shared("VMware"),
        0x0102_1994 | 0x8584_58F6 => Disk::Memory,
        0x794C_7630 => Disk::Container,
        _ => Disk::Own,
    }
}

/// Of the file systems in user space, one for a local partition is taken for the machine's own. Behind every other may be
/// another machine.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn by_fuse_name(name: Option<&str>) -> Disk {
    match name {
        Some("fuseblk") => Disk::Own,
        Some("virtiofs") => Disk::Shared("virtiofs"),
        _ => Disk::Shared("FUSE"),
    }
}

/// The name of the file system on a device, in the text of `/proc/self/mountinfo`.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn fuse_name<'m>(mounts: &'m str, device: &str) -> Option<&'m str> {
    let of_device = |line: &&str| line.split(' ').nth(2) == Some(device);
    let (_, name) = mounts.lines().find(of_device)?.split_once(" - ")?;
    name.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 22 0:27 / /mnt/host rw,relatime shared:5 - virtiofs share rw
32 22 0:28 / /mnt/bucket rw - fuse.gcsfuse bucket rw
33 22 8:17 / /media/usb rw - fuseblk /dev/sdb1 rw";

    #[test]
    fn a_disk_that_another_machine_reaches_is_known() {
        for magic in [0x6969, 0xFF53_4D42, 0x0102_1997] {
            assert!(matches!(by_magic(magic), Disk::Shared(_)), "{magic:x}");
        }
        assert_eq!(by_magic(0xEF53), Disk::Own, "ext4");
        assert_eq!(by_magic(0x9123_683E), Disk::Own, "btrfs");
        assert_eq!(by_magic(0x0102_1994), Disk::Memory);
        assert_eq!(by_magic(0x794C_7630), Disk::Container);
    }

    #[test]
    fn of_file_systems_in_user_space_only_a_local_partition_is_the_machines_own() {
        let disk = |device| by_fuse_name(fuse_name(MOUNTS, device));
        assert_eq!(disk("0:27"), Disk::Shared("virtiofs"));
        assert_eq!(disk("0:28"), Disk::Shared("FUSE"));
        assert_eq!(disk("8:17"), Disk::Own);
        assert_eq!(disk("0:99"), Disk::Shared("FUSE"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_disk_of_a_folder_is_asked_for() {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        let is_in_memory = mounts
            .lines()
            .any(|line| line.contains(" /dev/shm ") && line.contains(" - tmpfs "));
        let expected = if is_in_memory {
            Disk::Memory
        } else {
            Disk::Own
        };
        assert_eq!(of(Path::new("/dev/shm")), expected);
    }
}
