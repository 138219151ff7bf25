// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	for _, line := range []string{
		"0.9.8zh | 1.0.2 | 1.0.2k = 1.0.2k-fips | 1.0.2zg | 1.1.0-pre3 | 1.1.0 | 1.1.1-beta1 | 1.1.1 | 1.1.1k | 1.1.1w | 3.0.0-alpha17 | 3.0.0 | 3.0.13", // OpenSSL
		"8.5.0-rc1 | 8.5.0 = 8.5 | 8.10.0", // curl
		"16.20.2 | 18.9.0 | 18.19.0 = v18.19.0 | 18.19.1 | 20.0.0-nightly | 20.0.0-rc.1 | 20.0.0",     // Node.js
		"8.1.27 | 8.2.0alpha1 | 8.2.0beta3 | 8.2.0RC1 | 8.2.0RC7 | 8.2.0 | 8.2.1",                     // PHP
		"1.9.15 | 1.24.0 | 1.25.3 | 1.25.3.1",                                                         // nginx, OpenResty
		"9.6.24 | 15beta1 | 15rc2 | 15 = 15.0 | 15.4 | 15.10 | 16devel",                               // PostgreSQL
		"6.2.14 | 7.0-rc3 | 7.0 = 7.0.0 | 7.0.15 | 7.2.3",                                             // Redis
		"1.7.0_80 | 1.8.0 | 1.8.0_382 | 1.8.0_392 | 11.0.21+9 | 17.0.9+8 | 17.0.9+9 | 21 | 21.0.1+12", // Java
		"3.11.6 | 3.12.0a1 | 3.12.0b4 | 3.12.0rc1 | 3.12.0 | 3.13.0a2",                                // Python
		"9.2p1 | 9.3p1 | 9.3p2",                          // OpenSSH
		"1.2.3 = 1.2.3-0 | 1.2.3-4 | 1.2.3-10 | 1.2.4-0", // Bitnami
		"10.1.0-M1 | 10.1.0-M17 | 10.1.0 | 10.1.15",      // Tomcat
	} {
		extracttest.Ascending(t, Order(), strings.Split(line, " | ")...)
	}
	extracttest.Refuses(t, Order(), "1.0", "", "latest", "openssl-1.0", "v", ".1", "1.0 2", "REL_15_4")
	extracttest.Frugal(t, Order(), "1.1.1w", "3.0.0", "8.2.0RC1", "1.8.0_392")
}

func TestOrderOverFeeds(t *testing.T) {
	event := regexp.MustCompile(`"(?:introduced|fixed|last_affected)": ?"([^"]*)"`)
	all := extracttest.FeedVersions(t, "bitnami", func(_ string, data []byte) []string {
		var found []string
		for _, m := range event.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 1000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0", all, 0.002)
}

func FuzzCompare(f *testing.F) {
	extracttest.FuzzOrder(f, Order(), "1.1.1w", "3.0.0", "8.2.0RC1", "1.8.0_392")
}
