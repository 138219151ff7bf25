// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
)

// keys are private keys.
func keys() []*detector {
	return []*detector{
		privateKey(),
		forms(detector{id: "age-key", severity: high, words: words{"age private key", "age の秘密鍵", toMachines, ""}},
			form{"AGE-SECRET-KEY-1", upperNum, 58, 58, ageKey}),
		putty(),
	}
}

// privateKey finds PEM blocks and decodes them: a header without a key that
// decodes, as in documents and in code that writes keys, is none.
func privateKey() *detector {
	d := &detector{
		id: "private-key", severity: high, opaque: true, rank: rankForm, keywords: []string{"-----BEGIN "},
		words: words{"Private key", "秘密鍵", toMachines, ""},
	}
	d.find = func(t *text, at int, found func(hit)) {
		label := at + len("-----BEGIN ")
		n := bytes.Index(t.b[label:min(len(t.b), label+60)], []byte("-----"))
		if n < 0 {
			return
		}
		kind := string(t.b[label : label+n])
		if !strings.HasSuffix(kind, "PRIVATE KEY") && kind != "PGP PRIVATE KEY BLOCK" {
			return
		}
		begin := label + n + 5
		stop := bytes.Index(t.b[begin:], []byte("-----"))
		if stop < 0 || !bytes.HasPrefix(t.b[begin+stop:], []byte("-----END "+kind+"-----")) {
			return
		}
		t.work += 8 * stop
		body, headers := pemBody(t.b[begin : begin+stop])
		der, err := base64.StdEncoding.DecodeString(string(body))
		if err != nil || len(der) < 32 || entropy(der) < 4 {
			return
		}
		h := hit{start: at, end: begin + stop + len("-----END -----") + len(kind), level: levelStructure, value: body}
		locked := strings.Contains(headers, "ENCRYPTED")
		switch {
		case kind == "OPENSSH PRIVATE KEY":
			var ok bool
			if locked, ok = openSSH(der); !ok {
				return
			}
		case kind == "PGP PRIVATE KEY BLOCK":
			// A packet: the tag of a secret key or of one that follows it.
			if tag := packetTag(der[0]); tag != 5 && tag != 7 {
				return
			}
		case kind == "ENCRYPTED PRIVATE KEY":
			locked = true
			fallthrough
		default:
			if !locked && der[0] != 0x30 || kind == "ENCRYPTED PRIVATE KEY" && der[0] != 0x30 {
				return
			}
		}
		if locked {
			h.severity = low
		}
		found(h)
	}
	return d
}

// pemBody takes the base64 of a PEM block, whose line ends may be written as
// escapes, apart from its headers and the checksum of OpenPGP.
func pemBody(b []byte) (body []byte, headers string) {
	s := strings.NewReplacer(`\r\n`, "\n", `\\n`, "\n", `\n`, "\n", `\r`, "\n", "\r", "\n").Replace(string(b))
	var text, head strings.Builder
	for l := range strings.Lines(s) {
		l = strings.Trim(l, " \t\n\"'+,;\\>#*/")
		if l == "" {
			continue
		}
		if strings.Contains(l, ": ") || strings.HasSuffix(l, ":") {
			head.WriteString(l + "\n")
			continue
		}
		if l[0] == '=' && len(l) == 5 {
			continue // CRC-24 of OpenPGP
		}
		for i := range len(l) {
			if l[i] != ' ' {
				text.WriteByte(l[i])
			}
		}
	}
	// What Trim took from a line's end may have been "/" or "+" of base64: then
	// the length tells, and the raw text is taken.
	if text.Len()%4 != 0 {
		text.Reset()
		for i := range len(s) {
			if base64Set[s[i]] {
				text.WriteByte(s[i])
			}
		}
		if head.Len() > 0 {
			if _, after, ok := strings.Cut(s, "\n\n"); ok {
				text.Reset()
				for i := range len(after) {
					if base64Set[after[i]] {
						text.WriteByte(after[i])
					}
				}
			}
		}
	}
	return []byte(text.String()), head.String()
}

// openSSH reads the header of OpenSSH's format (PROTOCOL.key): the cipher tells
// whether a passphrase is needed.
func openSSH(der []byte) (locked, ok bool) {
	rest, ok := bytes.CutPrefix(der, []byte("openssh-key-v1\x00"))
	if !ok || len(rest) < 4 {
		return false, false
	}
	n := binary.BigEndian.Uint32(rest)
	if n > 64 || int(n) > len(rest)-4 {
		return false, false
	}
	return string(rest[4:4+n]) != "none", true
}

// packetTag is the tag of an OpenPGP packet (RFC 9580, 4.2).
func packetTag(b byte) byte {
	switch {
	case b&0x80 == 0:
		return 0
	case b&0x40 != 0:
		return b & 0x3f
	}
	return b >> 2 & 0xf
}

func putty() *detector {
	d := &detector{
		id: "putty-private-key", severity: high, opaque: true, rank: rankForm, keywords: []string{"PuTTY-User-Key-File-"},
		words: words{"PuTTY private key", "PuTTY の秘密鍵", toMachines, ""},
	}
	d.find = func(t *text, at int, found func(hit)) {
		b := t.b[at:min(len(t.b), at+8<<10)]
		t.work += len(b)
		i := bytes.Index(b, []byte("Private-Lines: "))
		end := bytes.Index(b, []byte("Private-MAC: "))
		if i < 0 || end < i {
			return
		}
		_, body, ok := bytes.Cut(b[i:end], []byte("\n"))
		if !ok {
			return
		}
		text := bytes.Join(bytes.Fields(body), nil)
		if raw, err := base64.StdEncoding.DecodeString(string(text)); err != nil || len(raw) < 16 {
			return
		}
		h := hit{start: at, end: at + end, level: levelStructure, value: text}
		if !bytes.Contains(b[:i], []byte("Encryption: none")) {
			h.severity = low
		}
		found(h)
	}
	return d
}

// serviceAccount finds the key files of Google's service accounts.
func serviceAccount() *detector {
	d := &detector{
		id: "gcp-service-account", severity: critical, opaque: true, rank: rankWhole, keywords: []string{`"service_account"`, `\"service_account\"`},
		words: words{"Google Cloud service account key", "Google Cloud のサービスアカウントキー", toCloud, "https://console.cloud.google.com/iam-admin/serviceaccounts"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		first := max(0, at-lookBehind)
		start := bytes.LastIndexByte(t.b[first:at], '{')
		end := bytes.IndexByte(t.b[at:], '}')
		if start < 0 || end < 0 {
			t.work += lookBehind
			return
		}
		start, end = first+start, at+end+1
		t.work += 4 * (end - start)
		b := t.b[start:end]
		if t.b[at] == '\\' {
			b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte(`\"`), []byte(`"`)), []byte(`\\n`), []byte(`\n`))
			b = bytes.ReplaceAll(b, []byte("\\n "), []byte(" "))
		}
		var key struct {
			Type       string `json:"type"`
			PrivateKey string `json:"private_key"`
			Email      string `json:"client_email"`
		}
		if json.Unmarshal(b, &key) != nil || key.Type != "service_account" || key.Email == "" {
			return
		}
		body, ok := strings.CutPrefix(key.PrivateKey, "-----BEGIN PRIVATE KEY-----")
		body, _, end2 := strings.Cut(body, "-----END")
		raw, _ := pemBody([]byte(body))
		if der, err := base64.StdEncoding.DecodeString(string(raw)); !ok || !end2 || err != nil || len(der) < 100 {
			return
		}
		found(hit{start: start, end: end, level: levelStructure, value: raw})
	}
	return d
}
