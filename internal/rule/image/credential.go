// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxCredential is the size of the largest file that is looked into for keys
// and credentials, in bytes.
const maxCredential = 256 << 10

// credentials looks into files that are called as those which hold credentials
// are, and notes those that do: the name alone is mostly wrong. What it found
// never becomes a fact, but for the line.
type credentials struct{}

func (credentials) Name() string { return "image/credentials" }
func (credentials) Version() int { return 2 }

func (credentials) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && f.Size > 0 && f.Size <= maxCredential && credentialKind(f.Path) != ""
}

// The kinds of file that are looked into. A kind says how.
const (
	kindKey       = "key"
	kindAny       = "any"   // the format is one for secrets alone
	kindStore     = "store" // keys behind a passphrase
	kindAssign    = "assign"
	kindNPM       = "npm"
	kindDocker    = "docker"
	kindNetrc     = "netrc"
	kindKube      = "kube"
	kindCloudJSON = "cloud"
	kindLines     = "lines"
	kindYAML      = "yaml"
)

// credentialKind says how to look into a file; empty for files that nobody keeps
// credentials in.
func credentialKind(p string) string {
	slash := strings.LastIndexByte(p, '/')
	dir, base := "", p
	if slash >= 0 {
		dir, base = p[:slash], p[slash+1:]
	}
	kind := credentialName(dir, base)
	if kind == "" || vendored(dir) || strings.HasPrefix(p, "etc/pki/") || strings.HasPrefix(p, "etc/ca-certificates/") || strings.HasPrefix(p, "etc/ssl/certs/") || strings.HasPrefix(p, "etc/apk/keys/") {
		return ""
	}
	return kind
}

func credentialName(dir, base string) string {
	switch base {
	case "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "identity", "id_ecdsa_sk", "id_ed25519_sk":
		return kindKey
	case "credentials", "config":
		switch {
		case strings.HasSuffix(dir, ".aws"), base == "credentials" && strings.HasSuffix(dir, ".gem"), base == "credentials" && strings.HasSuffix(dir, ".cargo"):
			return kindAssign
		case base == "config" && strings.HasSuffix(dir, ".kube"):
			return kindKube
		}
		return ""
	case "credentials.toml":
		return kindAssign
	case ".npmrc", ".yarnrc", ".yarnrc.yml":
		return kindNPM
	case ".pypirc", ".my.cnf", ".s3cfg", ".boto", ".htpasswd", ".pgpass", ".git-credentials", ".vault-token", "gradle.properties", ".env", "password.txt", "passwords.txt", "secret_token.rb", "secrets.yml", "database.yml", "settings.py", "local_settings.py", "wp-config.php", "terraform.tfvars", ".terraformrc", ".dockercfg":
		switch base {
		case ".htpasswd", ".pgpass", ".git-credentials", ".vault-token", "password.txt", "passwords.txt":
			return kindLines
		case "secrets.yml", "database.yml":
			return kindYAML
		case ".dockercfg":
			return kindDocker
		}
		return kindAssign
	case "config.json":
		if strings.HasSuffix(dir, ".docker") || strings.HasSuffix(dir, "containers") {
			return kindDocker
		}
		return ""
	case "auth.json":
		if strings.HasSuffix(dir, "containers") || strings.HasSuffix(dir, ".composer") || strings.HasSuffix(dir, "composer") {
			return kindDocker
		}
		return ""
	case ".netrc", "_netrc":
		return kindNetrc
	case "kubeconfig", "admin.conf", "kubelet.conf":
		return kindKube
	case "application_default_credentials.json", "accessTokens.json", "msal_token_cache.json", "azureProfile.json", "credentials.json", "service-account.json", "serviceaccount.json", "service_account.json", "client_secret.json":
		return kindCloudJSON
	case "terraform.tfstate", "master.key":
		return kindAny
	}
	dot := strings.LastIndexByte(base, '.')
	if dot < 0 {
		if strings.HasPrefix(base, "ssh_host_") && strings.HasSuffix(base, "_key") {
			return kindKey
		}
		return ""
	}
	switch base[dot:] {
	case ".pem", ".key", ".ppk", ".private_key", ".privkey", ".asc":
		return kindKey
	case ".ovpn", ".tpm", ".bek", ".fve", ".cscfg", ".rdp", ".tfstate", ".gnucash":
		return kindAny
	case ".p12", ".pfx", ".kdbx", ".kdb", ".psafe3", ".agilekeychain", ".keychain", ".jks", ".keystore":
		// Stores of certificates alone are called so.
		if lower := strings.ToLower(base); strings.Contains(lower, "trust") || strings.Contains(lower, "cacerts") {
			return ""
		}
		return kindStore
	}
	if strings.HasPrefix(base, ".env.") {
		switch base[dot:] {
		case ".example", ".sample", ".template", ".dist", ".test", ".tpl":
			return ""
		}
		return kindAssign
	}
	return ""
}

func (credentials) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	line, note := judgeCredential(in.Path, b)
	if note == "" {
		return inv, nil
	}
	f := &in.File
	inv.Files = []sekisho.FileNote{{
		Type: f.Type, Mode: uint32(f.Mode), UID: f.UID, GID: f.GID, Size: in.Size, Notes: []string{note},
		Location: sekisho.Location{Path: in.Path, Line: line},
	}}
	return inv, nil
}

// judgeCredential gives the note of a file that holds a key or credentials, and
// the line.
func judgeCredential(p string, b []byte) (line int, note string) {
	base := p[strings.LastIndexByte(p, '/')+1:]
	switch kind := credentialKind(p); kind {
	case kindKey:
		return privateKey(b)
	case kindAny:
		if base == "master.key" && !hexadecimal(bytes.TrimSpace(b)) {
			return 0, ""
		}
		if strings.HasSuffix(base, ".tfstate") && !bytes.Contains(b, []byte(`"resources"`)) {
			return 0, ""
		}
		return 0, noteCredential + base
	case kindStore:
		return 0, noteEncryptedKey
	case kindAssign:
		return assignments(base, b)
	case kindLines:
		return credentialLines(base, b)
	case kindYAML:
		return byForm(base, b, yamlSecret)
	case kindNPM:
		return byForm(base, b, npmSecret)
	case kindDocker:
		return byForm(base, b, dockerSecret)
	case kindNetrc:
		return byForm(base, b, netrcSecret)
	case kindKube:
		return byForm(base, b, kubeSecret)
	case kindCloudJSON:
		if line, note := privateKeyJSON(b); note != "" {
			return line, noteCredential + base
		}
		return byForm(base, b, cloudSecret)
	}
	return 0, ""
}

var (
	npmSecret    = pattern.New(`(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)"?\s*[=: ]\s*("?[^\s"]+)`)
	dockerSecret = pattern.New(`"(?:auth|identitytoken|registrytoken|password)"\s*:\s*"([^"]+)"|"github-oauth"\s*:\s*\{[^}]*"\s*:\s*"([^"]+)"`)
	netrcSecret  = pattern.New(`\bpassword\s+(\S+)`)
	kubeSecret   = pattern.New(`(?:client-key-data|token|password)"?\s*:\s*"?([^\s"]+)`)
	cloudSecret  = pattern.New(`"(?:client_secret|refresh_token|access_?[tT]oken|refreshToken|secret|password)"\s*:\s*"([^"]+)"`)
	yamlSecret   = pattern.New(`(?m)^\s*(?:password|secret_key_base|secret|access_token|api_key)\s*:\s*([^\s#<][^\n#]*)`)
	keyBegin     = pattern.New(`-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-`)
)

// byForm finds the first secret value of a form.
func byForm(base string, b []byte, form *pattern.Pattern) (line int, note string) {
	for _, m := range form.FindAllSubmatchIndex(b, 64) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			v := string(b[m[g]:m[g+1]])
			if v = strings.TrimSpace(v); secretValue(v) && !strings.Contains(v, "<%") && !strings.Contains(v, "${") && !strings.HasPrefix(v, "ENV[") {
				return lineAt(b, m[g]), noteCredential + base
			}
		}
	}
	return 0, ""
}

// assignments finds the first NAME = value whose name and value are those of a
// secret, or whose value has the form of one.
func assignments(base string, b []byte) (line int, note string) {
	n := 0
	for l := range bytes.Lines(b) {
		n++
		text := strings.TrimSpace(string(l))
		if len(text) > maxMasked || text == "" || strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") || strings.HasPrefix(text, "//") {
			continue
		}
		if php, ok := strings.CutPrefix(text, "define("); ok {
			text = strings.Replace(php, ",", "=", 1)
		}
		k, v, ok := strings.Cut(text, "=")
		if !ok {
			continue
		}
		k = strings.Trim(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(k), "export ")), `"'`)
		v = strings.TrimRight(strings.TrimSpace(v), ");,")
		if code := strings.HasSuffix(base, ".py") || strings.HasSuffix(base, ".rb") || strings.HasSuffix(base, ".php"); code && !strings.HasPrefix(strings.TrimSpace(v), `"`) && !strings.HasPrefix(strings.TrimSpace(v), `'`) {
			continue // what the program computes or reads elsewhere
		}
		if strings.ContainsAny(k, " (") && !strings.HasSuffix(base, ".rb") {
			continue
		}
		v = strings.TrimSpace(v)
		if secretForm(v) || secretName(strings.ReplaceAll(k, " ", "_")) && secretValue(v) {
			return n, noteCredential + base
		}
		// SECRET_KEY of Django, key of secret_token.rb.
		if strings.HasSuffix(k, "secret_token") || strings.HasSuffix(k, "secret_key_base") {
			if secretValue(v) {
				return n, noteCredential + base
			}
		}
	}
	return 0, ""
}

// credentialLines finds the first line of the form of the file.
func credentialLines(base string, b []byte) (line int, note string) {
	n := 0
	for l := range bytes.Lines(b) {
		n++
		text := strings.TrimSpace(string(l))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		found := secretValue(text)
		switch base {
		case ".htpasswd":
			_, hash, ok := strings.Cut(text, ":")
			found = ok && len(hash) >= 13
		case ".pgpass":
			found = strings.Count(text, ":") >= 4
		case ".git-credentials":
			found = secretForm(text)
		}
		if found {
			return n, noteCredential + base
		}
	}
	return 0, ""
}

// privateKey finds a private key, in the forms of PEM, OpenSSH, OpenPGP and
// PuTTY.
func privateKey(b []byte) (line int, note string) {
	m := keyBegin.FindIndex(b)
	if m == nil {
		return 0, ""
	}
	line, note = lineAt(b, m[0]), noteKey
	begin := string(b[m[0]:m[1]])
	body := b[m[1]:]
	head := body[:min(len(body), 512)]
	switch {
	case strings.Contains(begin, "ENCRYPTED"), bytes.Contains(head, []byte("Proc-Type: 4,ENCRYPTED")), bytes.Contains(head, []byte("Encryption: aes")):
		note = noteEncryptedKey
	case strings.Contains(begin, "OPENSSH"):
		// The name of the cipher stands at the beginning: "openssh-key-v1\0" and
		// "none" for a key without a password. See PROTOCOL.key of OpenSSH.
		if compact := bytes.TrimSpace(head); !bytes.HasPrefix(compact, []byte("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUA")) {
			note = noteEncryptedKey
		}
	}
	// A key has a body: the words alone are in documentation and in tests.
	if len(bytes.TrimSpace(body)) < 48 {
		return 0, ""
	}
	return line, note
}

// privateKeyJSON finds a private key in a JSON string, as service accounts of
// Google Cloud have it.
func privateKeyJSON(b []byte) (line int, note string) {
	i := bytes.Index(b, []byte("-----BEGIN PRIVATE KEY-----"))
	if i < 0 || len(b)-i < 96 {
		return 0, ""
	}
	return lineAt(b, i), noteKey
}

func lineAt(b []byte, offset int) int { return 1 + bytes.Count(b[:offset], []byte("\n")) }

func hexadecimal(b []byte) bool {
	if len(b) < 32 {
		return false
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
