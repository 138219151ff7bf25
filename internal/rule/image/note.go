// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The words by which entries are noted.
const (
	noteSetuid         = "setuid"
	noteSetgid         = "setgid"
	noteWritable       = "world-writable"
	noteDevice         = "device"
	noteLeftover       = "leftover"
	noteTemporary      = "temporary"
	noteRepository     = "repository"
	noteHistory        = "history"
	noteDump           = "dump"
	notePreload        = "preload"
	noteLoginKeys      = "login-keys"
	notePackageManager = "package-manager"
	noteShell          = "shell"
	noteCompiler       = "compiler"
	noteNetworkTool    = "network-tool"
	noteTransferTool   = "transfer-tool"
	noteDebugTool      = "debug-tool"
	noteRemoteLogin    = "remote-login"
	noteCron           = "cron"
	noteSudo           = "sudo"
	noteStepDown       = "step-down"
	// noteCache is followed by what it is the cache of: "cache:apt".
	noteCache = "cache:"
	// noteKey and its kind, and noteCredential, are found by content.
	noteKey          = "private-key"
	noteEncryptedKey = "encrypted-private-key"
	noteCredential   = "credential:" //nolint:gosec // the name of a kind of file, no credential
)

// noter notes entries by their metadata. Raise the version with every change of
// what it notes: facts are cached by it.
type noter struct{}

func (noter) Name() string               { return "image/files" }
func (noter) Version() int               { return 2 }
func (noter) Wants(_ *sekisho.File) bool { return false }

func (noter) Extract(context.Context, *sekisho.Input) (inv sekisho.Inventory, err error) {
	return inv, nil
}

// Note is asked of every entry of every layer: the ordinary file leaves it
// without an allocation.
func (noter) Note(f *sekisho.File) (notes []string) {
	regular := f.Type == sekisho.TypeRegular || f.Type == sekisho.TypeHardlink
	switch {
	case regular:
		if f.Mode&fs.ModeSetuid != 0 && f.Mode&0o111 != 0 {
			notes = append(notes, noteSetuid)
		}
		if f.Mode&fs.ModeSetgid != 0 && f.Mode&0o010 != 0 {
			notes = append(notes, noteSetgid)
		}
		if f.Mode&0o002 != 0 {
			notes = append(notes, noteWritable)
		}
	case f.Type == sekisho.TypeDir:
		if f.Mode&0o002 != 0 && f.Mode&fs.ModeSticky == 0 && !strings.HasPrefix(f.Path, "dev") {
			notes = append(notes, noteWritable)
		}
	case f.Type == sekisho.TypeDevice:
		if !strings.HasPrefix(f.Path, "dev/") {
			return []string{noteDevice}
		}
		return nil
	case f.Type == sekisho.TypeFIFO:
		return nil
	}
	slash := strings.LastIndexByte(f.Path, '/')
	dir, base := "", f.Path
	if slash >= 0 {
		dir, base = f.Path[:slash], f.Path[slash+1:]
	}
	if note := byPlace(f, dir, base, regular); note != "" {
		notes = append(notes, note)
	}
	return notes
}

// byPlace notes by the path: programs, caches, leftovers.
func byPlace(f *sekisho.File, dir, base string, regular bool) string {
	if strings.HasSuffix(dir, "bin") || dir == "busybox" {
		if note := program(f, dir, base, regular); note != "" {
			return note
		}
	}
	if f.Type == sekisho.TypeDir {
		if note := directory(dir, base); note != "" && !vendored(dir) {
			return note
		}
	} else if regular && f.Size > 0 {
		if note := fileName(f, base); note != "" && !vendored(dir) {
			return note
		}
		if strings.HasPrefix(dir, "var/") || dir == "etc/apk/cache" {
			if note := cacheFile(dir, base); note != "" {
				return note
			}
		}
	}
	if (dir == "tmp" || dir == "var/tmp") && (f.Type == sekisho.TypeDir || regular && f.Size > 0) {
		return noteTemporary
	}
	return ""
}

// program notes a program by its name, in any directory of programs.
func program(f *sekisho.File, dir, base string, regular bool) string {
	last := dir[strings.LastIndexByte(dir, '/')+1:]
	if last != "bin" && last != "sbin" && dir != "busybox" || regular && f.Mode&0o111 == 0 || f.Type == sekisho.TypeDir {
		return ""
	}
	note := programNote(base)
	switch note {
	case "":
		return ""
	case noteShell:
		// What BusyBox is linked as is the one shell that it has.
		return note
	case notePackageManager, noteSudo, noteCron, noteStepDown:
		// Applets of BusyBox do the same in name alone, and files of other
		// programs' trees are called so too.
		if f.Type == sekisho.TypeSymlink && busybox(f.Link) || !systemDir(dir) {
			return ""
		}
		return note
	}
	if f.Type == sekisho.TypeSymlink && busybox(f.Link) || f.Type == sekisho.TypeHardlink && busybox(f.Link) {
		return ""
	}
	return note
}

func busybox(link string) bool {
	name := link[strings.LastIndexByte(link, '/')+1:]
	return name == "busybox" || name == "busybox.static" || name == "toybox" || name == "bbsuid"
}

func systemDir(dir string) bool {
	switch dir {
	case "bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "usr/libexec/bin":
		return true
	}
	return false
}

// programNote says what a program is, by its name.
func programNote(base string) string {
	switch base {
	case "sh", "bash", "ash", "dash", "zsh", "ksh", "ksh93", "mksh", "csh", "tcsh", "fish", "busybox", "busybox.static", "toybox", "pwsh", "nu":
		return noteShell
	case "apk", "apt", "apt-get", "aptitude", "dpkg", "rpm", "yum", "dnf", "dnf5", "microdnf", "tdnf", "zypper", "pacman", "emerge", "opkg", "swupd", "xbps-install", "nix-env", "snap":
		return notePackageManager
	case "gcc", "g++", "cc", "c++", "clang", "clang++", "tcc", "rustc", "cargo", "go", "javac", "gfortran", "gdc", "ghc", "ocamlopt", "fpc", "zig", "make", "gmake", "cmake", "ninja", "ld", "ld.bfd", "ld.gold", "ld.lld", "as", "nasm", "yasm", "swiftc", "dotnet-sdk":
		return noteCompiler
	case "nmap", "ncat", "nc", "netcat", "nc.openbsd", "nc.traditional", "socat", "tcpdump", "tshark", "dumpcap", "telnet", "masscan", "zmap", "hping3", "arp-scan", "arpspoof", "ettercap", "proxychains", "proxychains4", "chisel", "nbtscan", "hydra", "sqlmap", "nikto", "iodine":
		return noteNetworkTool
	case "curl", "wget", "ssh", "scp", "sftp", "ftp", "lftp", "rsync", "aria2c", "tftp":
		return noteTransferTool
	case "gdb", "gdbserver", "lldb", "lldb-server", "strace", "ltrace", "perf", "bpftrace", "dlv", "rr", "py-spy", "systemtap", "stap", "drgn":
		return noteDebugTool
	case "sshd", "dropbear", "in.telnetd", "telnetd", "utelnetd", "in.rlogind", "in.rshd", "in.rexecd", "vsftpd", "proftpd", "in.ftpd", "xrdp", "Xvnc", "vncserver", "x11vnc", "Xtigervnc":
		return noteRemoteLogin
	case "cron", "crond", "anacron", "fcron", "atd":
		return noteCron
	case "sudo", "doas", "sudo-rs":
		return noteSudo
	case "gosu", "su-exec", "setpriv", "chpst", "s6-setuidgid", "setuidgid", "dropprivs", "tini-su":
		return noteStepDown
	}
	// gcc-12, clang-16, x86_64-linux-gnu-gcc: the alternatives of a name above
	// are found by it.
	return ""
}

// directory notes a directory by its name.
func directory(dir, base string) string {
	switch base {
	case ".git", ".svn", ".hg", ".bzr":
		return noteRepository
	case ".idea", ".vscode", ".terraform", ".aws", ".azure", ".gcp", ".vagrant":
		return noteLeftover
	}
	return cacheDir(dir)
}

// cacheDir notes a directory by the one that it lies in, so that an empty cache
// is none.
func cacheDir(dir string) string {
	slash := strings.LastIndexByte(dir, '/')
	if slash < 0 {
		return ""
	}
	parent, base := dir[:slash], dir[slash+1:]
	switch base {
	case "_cacache":
		if strings.HasSuffix(parent, ".npm") {
			return noteCache + "npm"
		}
	case "pip", "uv", "pypoetry", "pipenv", "yarn", "go-build", "composer", "pnpm", "bazel", "node-gyp", "Homebrew":
		if parent == ".cache" || strings.HasSuffix(parent, "/.cache") {
			return noteCache + base
		}
	case "cache":
		if strings.HasSuffix(parent, "/pkg/mod") {
			return noteCache + "go"
		}
		if strings.HasSuffix(parent, ".composer") {
			return noteCache + "composer"
		}
		if strings.HasSuffix(parent, "cargo/registry") {
			return noteCache + "cargo"
		}
	case "caches":
		if strings.HasSuffix(parent, ".gradle") {
			return noteCache + "gradle"
		}
	case "repository":
		if strings.HasSuffix(parent, ".m2") {
			return noteCache + "maven"
		}
	}
	return ""
}

// fileName notes a regular file that is not empty by its name.
func fileName(f *sekisho.File, base string) string {
	switch base {
	case "Dockerfile", "Containerfile", "docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml", ".dockerignore", ".DS_Store", "Thumbs.db", ".vimrc", "Vagrantfile", "Jenkinsfile", ".gitlab-ci.yml":
		return noteLeftover
	case ".bash_history", ".ash_history", ".zsh_history", ".sh_history", ".history", ".python_history", ".node_repl_history", ".mysql_history", ".psql_history", ".sqlite_history", ".rediscli_history", ".irb_history", ".mongorc.js.history", ".viminfo", ".scapy_history":
		return noteHistory
	case "authorized_keys", "authorized_keys2":
		return noteLoginKeys
	case "ld.so.preload":
		if f.Path == "etc/ld.so.preload" {
			return notePreload
		}
	case "core":
		if f.Size >= 64<<10 && f.Mode&0o111 == 0 {
			return noteDump
		}
	}
	if base == "" {
		return ""
	}
	switch base[len(base)-1] {
	case 'p', 'o', 'f', 'g':
		if base[0] == '.' && (strings.HasSuffix(base, ".swp") || strings.HasSuffix(base, ".swo")) {
			return noteLeftover
		}
		if strings.HasSuffix(base, ".hprof") || strings.HasPrefix(base, "hs_err_pid") && strings.HasSuffix(base, ".log") {
			return noteDump
		}
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if rest, ok := strings.CutPrefix(base, "core."); ok && digits(rest) && f.Size >= 64<<10 {
			return noteDump
		}
	}
	return ""
}

// cacheFile notes what package managers of distributions leave behind.
func cacheFile(dir, base string) string {
	switch dir {
	case "var/lib/apt/lists":
		if base != "lock" {
			return noteCache + "apt"
		}
	case "var/cache/apt":
		if strings.HasSuffix(base, "pkgcache.bin") {
			return noteCache + "apt"
		}
	case "var/cache/apt/archives":
		if strings.HasSuffix(base, ".deb") {
			return noteCache + "apt"
		}
	case "var/cache/apk", "etc/apk/cache":
		return noteCache + "apk"
	case "var/cache/pacman/pkg":
		return noteCache + "pacman"
	}
	rest, ok := strings.CutPrefix(dir, "var/cache/")
	if !ok {
		return ""
	}
	manager, _, _ := strings.Cut(rest, "/")
	switch manager {
	case "dnf", "yum", "libdnf5", "tdnf", "zypp":
		// One file tells of each repository's index, besides the packages.
		if base == "repomd.xml" || strings.HasSuffix(base, ".rpm") || strings.HasSuffix(base, ".solv") {
			return noteCache + manager
		}
	}
	return ""
}

// vendored says whether a directory holds other people's work: packages of
// languages, documentation, examples. What lies there was not left by the build.
func vendored(dir string) bool {
	if strings.HasPrefix(dir, "usr/share/") && !strings.HasPrefix(dir, "usr/share/nginx/html") || strings.HasPrefix(dir, "usr/lib/") || strings.HasPrefix(dir, "usr/src/linux") {
		return true
	}
	for dir != "" {
		part, rest, _ := strings.Cut(dir, "/")
		switch part {
		case "node_modules", "vendor", "site-packages", "dist-packages", "bower_components", "gems", "jvm", "testdata", "fixtures", "__fixtures__", "examples", "example", "test", "tests", "doc", "docs":
			return true
		case "mod": // Go's modules: pkg/mod/example.com/x@v1.0.0
			if strings.Contains(rest, "@") {
				return true
			}
		}
		dir = rest
	}
	return false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// describe is a file as findings show it: mode, owner and path.
func describe(f *sekisho.FileNote) string {
	mode := fs.FileMode(f.Mode)
	text := fmt.Sprintf("%04o %d:%d /%s", octal(mode), f.UID, f.GID, f.Location.Path)
	if f.Type == sekisho.TypeDir {
		text += "/"
	}
	return text
}

// octal is the mode as chmod takes it.
func octal(m fs.FileMode) uint32 {
	n := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		n |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		n |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		n |= 0o1000
	}
	return n
}
