// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/secret"
)

// secretOptions say how secrets are looked for.
type secretOptions struct {
	keyFile string
	verify  bool
}

func (f *secretOptions) add(a *App, s *pflag.FlagSet) {
	s.BoolVar(&f.verify, "verify", false, a.lang.Of(message.FlagVerify))
	s.StringVar(&f.keyFile, "secret-key-file", "", a.lang.Of(message.FlagSecretKeyFile))
}

// secretScanner makes the scanner of the detectors that run by the settings.
func (a *App) secretScanner(f *secretOptions, rules *check.Settings) (*secret.Scanner, error) {
	if f.keyFile == "" {
		return secret.New(rules, nil), nil
	}
	file, err := os.Open(a.path(f.keyFile))
	if err != nil {
		return nil, usageError{a.notThere(f.keyFile, err)}
	}
	defer file.Close()
	key, err := io.ReadAll(io.LimitReader(file, 4<<10))
	if err != nil {
		return nil, usageError{a.notThere(f.keyFile, err)}
	}
	if key = bytes.TrimSpace(key); len(key) < 16 {
		return nil, a.usage(message.SecretKeyShort, f.keyFile)
	}
	return secret.New(rules, key), nil
}
