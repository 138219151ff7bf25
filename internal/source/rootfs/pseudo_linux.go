// SPDX-License-Identifier: Apache-2.0

package rootfs

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// pseudo says whether a directory is on a file system that the kernel makes up.
// Only directories near the root are asked, and those with the usual names of a
// change root's mounts: asking of every directory would take longer than all else.
func pseudo(full, p string) bool {
	if strings.Count(p, "/") > 1 {
		switch path.Base(p) {
		case "proc", "sys", "dev", "cgroup":
		default:
			return false
		}
	}
	var st unix.Statfs_t
	if unix.Statfs(full, &st) != nil {
		return false
	}
	switch int64(st.Type) { //nolint:unconvert // it is 32 bits wide on other architectures
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC,
		unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC, unix.BPF_FS_MAGIC,
		unix.DEVPTS_SUPER_MAGIC, unix.PSTOREFS_MAGIC, unix.SELINUX_MAGIC, unix.EFIVARFS_MAGIC,
		unix.NSFS_MAGIC, unix.BINFMTFS_MAGIC, unix.HUGETLBFS_MAGIC:
		return true
	case unix.TMPFS_MAGIC: // devtmpfs looks the same
		return p == "dev" || p == "run" || p == "proc" || p == "sys"
	}
	return false
}
