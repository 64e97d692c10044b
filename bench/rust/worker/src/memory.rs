//! The memory of this process, as Linux reports it.

/// A line of `/proc/self/status` in KiB, such as `VmHWM:`, the peak of this program alone; 0 where there is no such file.
#[must_use]
pub fn kib_of_this_process(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
