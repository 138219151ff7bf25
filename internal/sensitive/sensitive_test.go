// SPDX-License-Identifier: Apache-2.0

package sensitive

import (
	"strings"
	"testing"
)

// Written in two parts: other programs search for secrets too.
var tokens = map[string]Forms{
	"ghp_" + strings.Repeat("a1", 18):                                             Services,
	"ghs_" + strings.Repeat("a1", 10):                                             Services,
	"github_pat_" + strings.Repeat("a1", 20):                                      Services,
	"glpat-" + strings.Repeat("a1", 10):                                           Services,
	"AKIA" + strings.Repeat("A1", 8):                                              Services,
	"ASIA" + strings.Repeat("A1", 8):                                              Services,
	"xoxb-" + strings.Repeat("12", 5):                                             Services,
	"npm_" + strings.Repeat("a1", 18):                                             Services,
	"sk_live_" + strings.Repeat("a1", 12):                                         Services,
	"rk_live_" + strings.Repeat("a1", 12):                                         Services,
	"dckr_pat_" + strings.Repeat("a1", 13):                                        Services,
	"pypi-" + strings.Repeat("a1", 20):                                            Services,
	"SG." + strings.Repeat("a1", 11) + "." + strings.Repeat("a1", 21):             Services,
	"hvs." + strings.Repeat("a1", 12):                                             Services,
	"AIza" + strings.Repeat("a1", 17) + "b":                                       Issued,
	"eyJ" + strings.Repeat("a1", 10) + ".eyJ" + strings.Repeat("b2", 10) + ".sig": Issued,
	// The second part of an encrypted token is no JSON.
	"eyJ" + strings.Repeat("a1", 10) + "." + strings.Repeat("b2", 10) + ".c3.d4.e5":     Issued,
	"-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END PRIVATE KEY-----": Keys,
	"-----BEGIN " + "RSA PRIVATE KEY-----":                                              Keys,
	"-----BEGIN " + "PGP PRIVATE KEY BLOCK-----":                                        Keys,
}

func TestForms(t *testing.T) {
	for token, kind := range tokens {
		for _, f := range []Forms{Services, Issued, Keys} {
			if got := f.In(token); got != (f == kind) {
				t.Errorf("%q is of kind %d: %v", token, f, got)
			}
		}
		for _, text := range []string{token, "run --with " + token + " now", "A_" + token, "x=" + token, "'" + token + "'"} {
			if !All.In(text) {
				t.Errorf("nothing in %q", text)
			}
			n := 0
			hidden := All.Hide(text, func() { n++ })
			if strings.Contains(hidden, "a1") || strings.Contains(hidden, "A1A1") || strings.Contains(hidden, "1212") || strings.Contains(hidden, "MIIE") || strings.Contains(hidden, "PRIVATE") || !strings.Contains(hidden, Mask) || n != 1 {
				t.Errorf("%q is hidden as %q (%d)", text, hidden, n)
			}
		}
	}
	for _, text := range []string{"", "ghp_short", "AKIA", "task_live", "risk_live_" + strings.Repeat("a", 8), "multitask_live_" + "short", "COMSG." + strings.Repeat("a", 20) + "." + strings.Repeat("a", 20), "pnpm_config", "archvs." + strings.Repeat("a", 30), "eyJhbGciOi", "eyJ.eyJ.x", "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "AIzawa", "xoxo-hugs", "npm_config_registry", strings.Repeat("A", 40), "akia" + strings.Repeat("a1", 8)} {
		if All.In(text) || All.Hide(text, nil) != text {
			t.Errorf("%q holds a token", text)
		}
	}
}

func TestHideKeepsTheRest(t *testing.T) {
	key := "-----BEGIN " + "RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEvQIBADANBgkqhkiG\n-----END RSA PRIVATE KEY-----"
	if got := All.Hide("echo '"+key+"' > key; make", nil); got != "echo '"+Mask+"' > key; make" {
		t.Errorf("%q", got)
	}
	cut := "echo -----BEGIN " + "PRIVATE KEY----- MIIEvQIBADANBgkqhkiG9w0BAQEF AASCBKcwggSjAgEAAoIBAQ"
	if got := Keys.Hide(cut, nil); got != "echo "+Mask {
		t.Errorf("%q", got)
	}
	escaped := `{"key": "-----BEGIN ` + `PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQ"}`
	if got := Keys.Hide(escaped, nil); got != `{"key": "`+Mask+`"}` {
		t.Errorf("%q", got)
	}
	if got := Keys.Hide("grep -q '-----BEGIN "+"PRIVATE KEY-----' key.pem", nil); got != "grep -q '"+Mask+"' key.pem" {
		t.Errorf("%q", got)
	}
}

func TestPassword(t *testing.T) {
	any := func(string) bool { return true }
	for text, want := range map[string]string{
		"postgres://user:s3cret@db.example.com/app":        "s3cret",
		"redis://:s3cret@cache.example.com":                "s3cret",
		"git clone https://u:p%40ss@git.example.com/a.git": "p%40ss",
		"${PROTO}://user:s3cret@example.com":               "s3cret",
		`https://"$USER":"s3cret"@example.com`:             "s3cret",
		"https://example.com:8080/a@b":                     "",
		"https://user@example.com":                         "",
		`"http://a.example.com:80","me@example.com"`:       "",
		"user:pw@example.com":                              "",
		"http://a.example.com:80 me@example.com":           "",
		"":                                                 "",
	} {
		got, ok := Password(text, any)
		if got != want || ok != (want != "") {
			t.Errorf("the password in %q is %q", text, got)
		}
		if want == "" {
			if got := HidePasswords(text, any); got != text {
				t.Errorf("%q is hidden as %q", text, got)
			}
		} else if got := HidePasswords(text, any); strings.Contains(got, want) || !strings.Contains(got, ":"+Mask+"@") {
			t.Errorf("%q is hidden as %q", text, got)
		}
	}
	two := "a://u:$VAR@h b://u:real@h"
	real := func(p string) bool { return !strings.HasPrefix(p, "$") }
	if got, _ := Password(two, real); got != "real" {
		t.Errorf("the password that counts is %q", got)
	}
	if got := HidePasswords(two, real); got != "a://u:$VAR@h b://u:"+Mask+"@h" {
		t.Errorf("%q", got)
	}
}

func TestPlaceholder(t *testing.T) {
	for _, s := range []string{"", " ", "true", "No", `"null"`, "''", "***", "xxxXXX", "<your password>", "---", "TBD"} {
		if !Placeholder(s) {
			t.Errorf("%q is none", s)
		}
	}
	for _, s := range []string{"password", "changeit", "postgres", "s3cret", "<half", "x-1", "12345", "truest", "$VAR"} {
		if Placeholder(s) {
			t.Errorf("%q is one", s)
		}
	}
}

func TestPointer(t *testing.T) {
	for _, s := range []string{"arn:aws:ssm:a:1:parameter/x", "{{resolve:ssm:x}}", "a{{resolve:secretsmanager:x}}", "/run/secrets/db", "./secret", "file:///x", "vault:secret/data/x", "ssm://x", "projects/1/secrets/x", "/a?b=c", "/app=1"} {
		if !Pointer(s) {
			t.Errorf("%q is none", s)
		}
	}
	for _, s := range []string{"", "s3cret", "/" + strings.Repeat("aB3+", 6) + "w==", "warn:ing", "https://u:p@h"} {
		if Pointer(s) {
			t.Errorf("%q is one", s)
		}
	}
}

func FuzzHide(f *testing.F) {
	for token := range tokens {
		f.Add(token)
		f.Add("https://user:" + token + "@example.com/" + token)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := 0
		hidden := All.Hide(s, func() { found++ })
		if All.In(s) != (found > 0) || found == 0 && hidden != s {
			t.Fatalf("%q is hidden as %q with %d found", s, hidden, found)
		}
		passwords := 0
		hidden = HidePasswords(s, func(p string) bool { passwords++; return p != Mask })
		if _, ok := Password(s, func(string) bool { return true }); ok != (passwords > 0) {
			t.Fatalf("%q has a password: %v, hidden %d", s, ok, passwords)
		}
		if p, ok := Password(hidden, func(p string) bool { return p != Mask }); ok && !strings.Contains(s, p) {
			t.Fatalf("%q makes the password %q", s, p)
		}
		if Placeholder(s) && Pointer(s) {
			t.Fatalf("%q both points to a secret and stands for one", s)
		}
	})
}
