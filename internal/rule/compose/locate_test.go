// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"testing"

	"github.com/sekisho/sekisho/internal/document"
)

func TestPathBeyondASecret(t *testing.T) {
	n, err := document.JSON([]byte(`{"environment": {"DB_PASSWORD": "hunter2hunter2", "MODE": "fast"}}`))
	if err != nil {
		t.Fatal(err)
	}
	j := subject{&Service{raw: n}}
	for path, want := range map[string]string{
		"environment.DB_PASSWORD": "DB_PASSWORD: " + redacted, "environment.DB_PASSWORD.none": "DB_PASSWORD: " + redacted, `environment["DB_PASSWORD"][0]`: "DB_PASSWORD: " + redacted, "environment.MODE.none": "MODE: fast",
	} {
		if got := j.raw(path).Written; got != want {
			t.Errorf("%s is written %q, want %q", path, got, want)
		}
	}
}
