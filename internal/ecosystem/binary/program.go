// SPDX-License-Identifier: Apache-2.0

package binary

import "strings"

// program is what is known of one program or library.
type program struct {
	// name as advisories and https://endoflife.date know it.
	name string
	// bases are the file's names, without versions: "python" stands for
	// python3.11, "libssl" for libssl.so.3.
	bases []string
	marks []mark
}

// mark is a place where the version stands. The first that is found counts.
type mark struct {
	// before stands right before the version, after right behind it.
	before, after string
	// within stands in the same string, 64 bytes behind the version at most.
	within string
	// holds is a part that the version must have.
	holds string
	// name of the package where it is not the program's: forks keep the file's name.
	name string
	how  how
}

type how uint8

const (
	// literal: before, version, after.
	literal how = iota
	// backward: the version ends where after begins.
	backward
	// series: the version is a string of its own that begins with the release
	// series, which the file's name tells (python3.11) or before leads to.
	series
	// highest: the version is a string of its own, the highest of all such:
	// the others say since when a command exists.
	highest
)

// programs, by the first letter of their names. What stands in a mark was seen
// in real files: see the tests.
var programs = [...]program{
	{"bash", []string{"bash"}, []mark{{before: "@(#)Bash version ", after: "("}}},
	{"busybox", []string{"busybox"}, []mark{{before: "BusyBox v", after: " "}}},
	{"curl", []string{"curl", "libcurl", "libcurl-gnutls"}, []mark{{before: "libcurl/"}, {before: "curl/"}}},
	{"expat", []string{"libexpat"}, []mark{{before: "expat_", after: "\x00"}}},
	{"git", []string{"git"}, []mark{{before: "git/", after: "\x00"}}},
	{"glibc", []string{"libc"}, []mark{{before: ") stable release version ", after: ".\n"}}},
	{"haproxy", []string{"haproxy"}, []mark{{before: " version ", within: ", released "}}},
	{"httpd", []string{"httpd", "apache"}, []mark{{before: "\x00Apache/"}}},
	{"libpng", []string{"libpng"}, []mark{{before: "libpng version ", after: " "}}},
	{"lighttpd", []string{"lighttpd"}, []mark{{before: "lighttpd/"}}},
	{"lua", []string{"lua", "luac", "liblua", "liblua5.1-c++", "liblua5.2-c++", "liblua5.3-c++", "liblua5.4-c++"}, []mark{
		{before: "$LuaVersion: Lua ", after: " "},
		{before: "$Lua: Lua ", after: " "},
		{before: "LuaJIT ", name: "luajit"},
	}},
	{"mariadb", []string{"mariadbd", "mariadb", "mysqld", "mysql"}, []mark{
		{after: "-MariaDB", how: backward},
		{before: "\x00mysqld-", how: series, name: "mysql"},
	}},
	{"memcached", []string{"memcached"}, []mark{{before: "memcached "}}},
	{"nginx", []string{"nginx", "openresty", "nginx-debug"}, []mark{
		{before: "nginx version: nginx/"},
		{before: "nginx version: openresty/", name: "openresty"},
		{before: "nginx version: freenginx/", name: "freenginx"},
	}},
	{"node", []string{"node", "nodejs", "libnode"}, []mark{{before: "node.js/v"}, {before: "https://nodejs.org/download/release/v", after: "/"}}},
	{"openssh", []string{"ssh", "sshd", "sshd-session"}, []mark{{before: "\x00OpenSSH_", holds: "p"}}},
	{"openssl", []string{"openssl", "libssl", "libcrypto"}, []mark{
		{before: "\x00OpenSSL ", within: " 20"},
		{before: "\x00LibreSSL ", name: "libressl"},
	}},
	{"perl", []string{"perl", "libperl"}, []mark{{before: "\x00v", after: "\x00"}}},
	{"php", []string{"php", "php-fpm", "php-cgi", "libphp"}, []mark{{before: "X-Powered-By: PHP/"}}},
	{"postgresql", []string{"postgres"}, []mark{{before: "\x00PostgreSQL ", after: " on "}, {before: "\x00PostgreSQL ", after: " ("}}},
	{"python", []string{"python", "libpython"}, []mark{{before: "lib/python", how: series}, {before: "libpython", how: series}}},
	{"redis", []string{"redis-server", "redis-cli", "redis-check-rdb"}, []mark{{how: highest}}},
	{"ruby", []string{"ruby", "libruby"}, []mark{{before: "\x00ruby "}}},
	{"sqlite", []string{"sqlite", "libsqlite"}, []mark{{before: "\x003.", after: "\x00"}}},
	{"squid", []string{"squid"}, []mark{{before: "\x00squid/"}}},
	{"valkey", []string{"valkey-server", "valkey-cli", "valkey-check-rdb"}, []mark{{how: highest}}},
	{"varnish", []string{"varnishd"}, []mark{{before: "varnish-", after: " revision "}}},
	{"zlib", []string{"libz"}, []mark{{before: " deflate ", after: " Copyright "}, {before: " inflate ", after: " Copyright "}}},
}

// find returns the program that a file's name stands for, or nil. It is asked
// of every ELF file of an image and allocates nothing.
func find(base string) *program {
	if base == "" || len(base) > 64 {
		return nil
	}
	for i := range programs {
		for _, b := range programs[i].bases {
			if b[0] == base[0] && strings.HasPrefix(base, b) && isVersionSuffix(base[len(b):], strings.HasPrefix(b, "lib")) {
				return &programs[i]
			}
		}
	}
	return nil
}

// isVersionSuffix reports whether rest is what may follow a name: nothing,
// "3.11", "-8.2", "2", ".so.1.2.3", "3.11.so.1.0", "-2.31.so". Only libraries
// have, and must have, ".so".
func isVersionSuffix(rest string, library bool) bool {
	so := strings.Index(rest, ".so")
	if library != (so >= 0) {
		return false
	}
	if so >= 0 {
		rest = rest[:so] + rest[so+len(".so"):]
	}
	for i := range len(rest) {
		c := rest[i]
		// Python's ABI flags: libpython3.6m.so, python3.7dm.
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != 'm' && c != 'd' && c != 't' {
			return false
		}
		if (c == 'm' || c == 'd' || c == 't') && (i == 0 || rest[i-1] == '-') {
			return false
		}
	}
	return true
}

// seriesOf returns "3.11" of "libpython3.11.so.1.0"; empty when the name has
// no number with a dot before its ".so".
func seriesOf(base string) string {
	base, _, _ = strings.Cut(base, ".so")
	i := strings.IndexAny(base, "0123456789")
	if i < 0 {
		return ""
	}
	s := strings.TrimRight(base[i:], "mdt")
	if strings.IndexByte(s, '.') <= 0 {
		return ""
	}
	return s
}
