// SPDX-License-Identifier: Apache-2.0

package php

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0 v1.0.0 5.4.31 6.0.0-RC1 6.0.0-BETA2 2.0.0-alpha.3 1.0.0-beta1.2 3.0.0-p1 1.2.3-pl2 2.0.x-dev 1.0-dev 1.0.0-beta2-dev 10.2.3 10.10.0
	4.4.1.2 20230101 2023.01.02 2010-01-02 1.0.0+build 1.0a1 1.0b2 1.0rc2 0.9.99 1.0.0-stable 9.5.0-patch3 1.0.0-rc.10`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0.9",
		"1.0.0-dev = 1.0-dev = 1.0.0.dev",
		"1.0.0-alpha1-dev",
		"1.0.0-alpha1 = 1.0a1 = 1.0.0-ALPHA.1 = v1.0.0alpha1",
		"1.0.0-beta",
		"1.0.0-beta2",
		"1.0.0-beta10",
		"1.0.0-RC1 = 1.0rc1 = 1.0.0-rc.1",
		"1 = 1.0 = 1.0.0 = v1.0.0.0 = 1.0.0-stable = 1.0.0+b = 1.0@dev",
		"1.0.0-p1 = 1.0.0-patch1 = 1.0-pl1",
		"1.0.0.1",
		"1.9",
		"1.10",
		"1.x-dev = 1.x.x-dev",
		"2.0",
		"2023.01.02",
		"20230101",
	)
	extracttest.Refuses(t, Order(), "1.0", "", "dev-master", "dev-main", "1.x", "1.*", "^1.0", ">=1", "1.0 2", "8.x-1.0", "1.0-foo", "master", "1.0-beta-gamma")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is Composer's: its parser's normal forms, compared by PHP.
func TestOrderAgreesWithComposer(t *testing.T) {
	program := extracttest.Tool(t, "php")
	const parser = "/usr/share/php/Composer/Semver/autoload.php"
	if _, err := os.Stat(parser); err != nil {
		extracttest.Lacking(t, "Composer's parser is not installed (php-composer-semver)")
	}
	pairs := extracttest.Pairs(21, 10000, realVersions, []string{"-", "-dev", "a", "b", "rc", "-alpha", "-beta.1", "p", "-p2", ".0.0", "x", ".x-dev", "RC1", "v", "_", "stable"})
	extracttest.Agree(t, Order(), pairs, 0.3, program, "-r", `
		require $argv[1];
		$parser = new Composer\Semver\VersionParser();
		while (($line = fgets(STDIN)) !== false) {
			[$a, $b] = explode("\t", rtrim($line, "\n"));
			try {
				[$a, $b] = [$parser->normalize($a), $parser->normalize($b)];
				$no = str_starts_with($a, "dev-") || str_starts_with($b, "dev-");
				echo $no ? "?" : version_compare($a, $b), "\n";
			} catch (UnexpectedValueException) {
				echo "?\n";
			}
		}`, parser)
}

func TestOrderOverAdvisories(t *testing.T) {
	version := regexp.MustCompile(`['"][<>=]+ *([^'",\s]+)['"]`)
	all := extracttest.FeedVersions(t, "friendsofphp", func(_ string, data []byte) []string {
		var found []string
		for _, m := range version.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 300 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0", all, 0.01)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }
