// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0 1.0.0 2.14.1 2.15.0 9.0.31 5.3.18 2.9.10.8 1.2.17 4.1.100.Final 3.0.0.Final 1.0-alpha-1 1.0-beta2 2.0-M1 5.0.0.RC1
	31.1-jre 31.1-android 1.0-SNAPSHOT 1.0.0.GA 1.0.0-rc.1 2.3.1.redhat-00001 20230227 1.66 1.0.0.CR2 6.0.0.Alpha3 1.4.2.v20180101
	2.0.0.0 9.4.51.v20230217 10.0.0-jre8 1.1-1 42.2.28.jre7 3.2.1-sp.1 1.0.sp1 2.0-m3 0.9.5.5 1.0-b01 r09 v1.2 1.0a1`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"1.0-alpha-1 = 1.0a1 = 1-alpha1 = 1.0.0-ALPHA1",
		"1.0-alpha-10",
		"1.0-beta-2 = 1.0b2",
		"1.0-milestone-1 = 1.0-M1",
		"1.0-rc = 1-cr",
		"1.0-rc1 = 1-CR1",
		"1.0-SNAPSHOT = 1-snapshot",
		"1 = 1.0 = 1.0.0 = 1-ga = 1.0.FINAL = 1.0-release = 1.0.0-0 = 01",
		"1.0-sp = 1-sp",
		"1.0-abc",
		"1.0-jre",
		"1-1",
		"1.0.1",
		"1.9",
		"1.10 = 1.10.Final",
		"31.1-android",
		"31.1-jre",
		"31.2",
		"99999999999999999999999999",
	)
	extracttest.Refuses(t, Order(), "1.0", "", "[1.0,2.0)", "${project.version}", "1.0 2", "(,1]", "1,2", "1.ä", strings.Repeat("1.0-", 300))
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is that of Maven's own class. Its relation is not transitive
// everywhere (a word is below a list, a list below a number), so only the
// common forms are held to that law.
func TestOrderAgreesWithMaven(t *testing.T) {
	java := extracttest.Tool(t, "java")
	const artifact = "/usr/share/java/maven3-artifact.jar"
	if _, err := os.Stat(artifact); err != nil {
		extracttest.Lacking(t, "Maven's ComparableVersion is not installed (libmaven3-core-java)")
	}
	pairs := extracttest.Pairs(14, 8000, realVersions, []string{"-", "a", "b", "m", "rc", "-alpha", ".Final", "-sp", "ga", "-SNAPSHOT", "x", ".0.0", "-0", "..", "--", "-1", "cr1", "jre", "_"})
	args := []string{"-cp", artifact + ":/usr/share/java/commons-lang3.jar", "org.apache.maven.artifact.versioning.ComparableVersion"}
	for _, p := range pairs {
		args = append(args, p[0], p[1])
	}
	out, err := exec.CommandContext(t.Context(), java, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	// It compares each argument with the one before.
	var lines []string
	said := regexp.MustCompile(`(?m)^ +\S+ (==|<|>) \S+$`).FindAllSubmatch(out, -1)
	for i := 0; i < len(said); i += 2 {
		lines = append(lines, map[string]string{"==": "0", "<": "-1", ">": "1"}[string(said[i][1])])
	}
	extracttest.Answers(t, Order(), pairs, 1, lines)
}

func TestOrderOverGHSA(t *testing.T) {
	event := regexp.MustCompile(`"(?:introduced|fixed|last_affected)": ?"([^"]*)"`)
	all := extracttest.FeedVersions(t, "ghsa", func(_ string, data []byte) []string {
		if !strings.Contains(string(data), `"ecosystem": "Maven"`) {
			return nil
		}
		var found []string
		for _, m := range event.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 1000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0", all, 0.001)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, Order(), realVersions...) }
