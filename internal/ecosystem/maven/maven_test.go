// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestProjectFile(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, projectFile{}, "src/pom.xml"), `
		com.example.parent:shop 1.4.0 pkg:maven/com.example.parent/shop@1.4.0 line=1 root ["Apache-2.0 & MIT"]
		org.apache.logging.log4j:log4j-core 2.17.1 pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1 line=33 direct
		com.example.managed:managed 3.0 pkg:maven/com.example.managed/managed@3.0 line=41 direct dev
		com.example.parent:shop-api 1.4.0 pkg:maven/com.example.parent/shop-api@1.4.0 line=45 direct
		com.example:exact 2.5 pkg:maven/com.example/exact@2.5 line=50 direct`)
}

func TestProjectFileSaysWhatItCannotResolve(t *testing.T) {
	inv, err := extracttest.Extract(t, projectFile{}, "a/pom.xml", []byte(`<project><artifactId>a</artifactId><dependencies>
		<dependency><groupId>g</groupId><artifactId>b</artifactId></dependency>
		<dependency><groupId>g</groupId><artifactId>c</artifactId><version>${missing}</version></dependency>
		<dependency><groupId>g</groupId><artifactId>d</artifactId><version>1</version></dependency>
	</dependencies></project>`))
	if err != nil {
		t.Fatal(err)
	}
	extracttest.Equal(t, extracttest.Lines(t, inv), "g:d 1 pkg:maven/g/d@1 line=4 direct")
	if len(inv.Problems) != 1 || !inv.Problems[0].Minor || !strings.Contains(inv.Problems[0].Error, "g:b, g:c") {
		t.Errorf("want one minor problem that names g:b and g:c, got %+v", inv.Problems)
	}
}

func TestProjectFileDamaged(t *testing.T) {
	for _, bad := range []string{
		"<project>", "<project", "</project>", "<project></other>", "<project><!-- ", "<project><![CDATA[", "<?xml",
		"<!DOCTYPE a [", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
	} {
		if _, err := extracttest.Extract(t, projectFile{}, "pom.xml", []byte(bad)); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
	// What stands before the damage is kept, and nothing is defined by the document type.
	inv, err := extracttest.Extract(t, projectFile{}, "pom.xml", []byte(`<!DOCTYPE p [<!ENTITY e "]>"><!ENTITY x SYSTEM "file:///etc/passwd">]>
		<project><groupId>g&x;</groupId><artifactId>a</artifactId><version><![CDATA[1]]>.&#48;</version><x`))
	if err == nil {
		t.Error("want an error")
	}
	extracttest.Equal(t, extracttest.Lines(t, inv), "g:a 1.0 pkg:maven/g/a@1.0 line=1 root")
}

func TestProjectFileIsNotWantedInArchives(t *testing.T) {
	f := sekisho.File{Path: "srv/META-INF/maven/com.example/tool/pom.xml"}
	if (projectFile{}).Wants(&f) {
		t.Error("the dependencies of an installed artifact need not be there")
	}
}

// A property that grows by every step must stop.
func TestPropertyBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("<project><groupId>g</groupId><artifactId>a</artifactId><version>${p0}</version><properties>")
	for i := range 60 {
		s := "${p" + string(rune('0'+i%10)) + strings.Repeat("x", i/10) + "}"
		b.WriteString("<p" + string(rune('0'+i%10)) + strings.Repeat("x", i/10) + ">" + strings.Repeat(s, 20) + "</p" + string(rune('0'+i%10)) + strings.Repeat("x", i/10) + ">")
	}
	b.WriteString("</properties></project>")
	p, err := parsePOM([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if v := p.resolve("${p0}"); len(v) > 4*maxCoordinate {
		t.Errorf("a version of %d bytes", len(v))
	}
	if v := p.resolvedSelf().cleaned().version; v != "" {
		t.Errorf("version %q", v)
	}
}

func TestGradleLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, gradleLock{}, "src/gradle.lockfile"), `
		com.example:core 1.2.3 pkg:maven/com.example/core@1.2.3 line=4
		junit:junit 4.13.2 pkg:maven/junit/junit@4.13.2 line=5 dev
		org.example:it 2.0-rc1 pkg:maven/org.example/it@2.0-rc1 line=6 dev`)
	extracttest.Equal(t, extracttest.File(t, gradleLock{}, "src/buildscript-gradle.lockfile"),
		"com.example.plugin:builder 0.9 pkg:maven/com.example.plugin/builder@0.9 line=2 dev")
	extracttest.Equal(t, extracttest.File(t, gradleLock{}, "src/old/gradle/dependency-locks/compileClasspath.lockfile"),
		"com.example:old 5.6 pkg:maven/com.example/old@5.6 line=2")
	inv, err := extracttest.Extract(t, gradleLock{}, "gradle.lockfile", []byte("a:b\na:b:1=x\n\x00\xff::=\n<<<<<<< HEAD\n"))
	if err == nil || !strings.Contains(err.Error(), "3 lines, the first of them line 1") {
		t.Errorf("want an error that counts the lines, got %v", err)
	}
	extracttest.Equal(t, extracttest.Lines(t, inv), "a:b 1 pkg:maven/a/b@1 line=2")
}

func TestJDK(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, jdk{}, "opt/java/release"), "openjdk 17.0.15 pkg:generic/openjdk@17.0.15 line=3")
	inv, err := extracttest.Extract(t, jdk{}, "usr/java/jdk/release", []byte("JAVA_VERSION=\"1.8.0_402\"\r\nBUILD_TYPE=\"commercial\"\r\nOS_ARCH=\"amd64\"\r\n"))
	if err != nil || inv.Packages[0].Arch != "amd64" {
		t.Error(inv, err)
	}
	extracttest.Equal(t, extracttest.Lines(t, inv), "java 1.8.0_402 pkg:generic/java@1.8.0_402 line=1")
	for path, head := range map[string]string{"etc/release": "NAME=x", "opt/prerelease": "JAVA_VERSION=\"1\""} {
		if (jdk{}).Wants(&sekisho.File{Path: path, Head: []byte(head)}) {
			t.Errorf("%s is no Java release file", path)
		}
	}
	if _, err := (jdk{}).Extract(t.Context(), extracttest.Input("x/release", []byte("IMPLEMENTOR=\"E\"\n"))); err == nil {
		t.Error("a release file without a version: want an error")
	}
}

func TestPOMProperties(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, pomProperties{}, "srv/META-INF/maven/com.example/tool/pom.properties"),
		"com.example:tool 2.1 pkg:maven/com.example/tool@2.1")
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"commons-io-2.11.0.jar":                       "commons-io 2.11.0",
		"guava-31.1-jre.jar":                          "guava 31.1-jre",
		"log4j-1.2-api-2.17.0.jar":                    "log4j-1.2-api 2.17.0",
		"foo-1.0-20200101.123456-1.jar":               "foo 1.0-20200101.123456-1",
		"foo-1.0-SNAPSHOT.jar":                        "foo 1.0-SNAPSHOT",
		"netty-tcnative-2.0.1.Final-linux-x86_64.jar": "netty-tcnative 2.0.1.Final",
		"cloud-emulator-0.8.20-all.jar":               "cloud-emulator 0.8.20",
		"org.eclipse.core_3.1.0.v2020.jar":            "org.eclipse.core 3.1.0.v2020",
		"akka-actor_2.13-2.6.0.jar":                   "akka-actor_2.13 2.6.0",
		"spring3-core-3.x.jar":                        "spring3-core ",
		"app.jar":                                     "app ",
		"a.war!/WEB-INF/lib/b-1.2.jar":                "b 1.2",
		"-1.2.jar":                                    "-1.2 ",
		"foo-v2.3.jar":                                "foo v2.3",
		"geronimo-annotation_1.3_spec-1.3.jar":        "geronimo-annotation_1.3_spec 1.3",
		"hibernate-validator-5.3.6.Final.jar":         "hibernate-validator 5.3.6.Final",
		"spring-core-4.3.30.RELEASE-sources.jar":      "spring-core 4.3.30.RELEASE",
		"jakarta.inject-api-2.0.1.MR.jar":             "jakarta.inject-api 2.0.1.MR",
		"listenablefuture-9999.0-empty-to-avoid-conflict-with-guava.jar": "listenablefuture 9999.0",
	} {
		if n := nameOf(in); n.artifact+" "+n.version != want {
			t.Errorf("%s: %q %q, want %q", in, n.artifact, n.version, want)
		}
	}
}

func TestSameVersion(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"31.1.0.jre", "31.1-jre", true},
		{"1.0", "1.0", true},
		{"1.0.0", "1", true},
		{"1.10", "1.1", false},
		{"2.17.0", "2.17.1", false},
		{"", "", false},
		{"1", "", false},
		{"0", "0.0", true},
		{"10", "1", false},
		{"1.01", "1.1", false},
	} {
		if got := sameVersion(tt.a, tt.b); got != tt.want {
			t.Errorf("sameVersion(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}

func TestManifest(t *testing.T) {
	m := parseManifest([]byte("Manifest-Version: 1.0\r\nbundle-symbolicname: org.exam\r\n ple.thing;singleton\r\n :=true\rBundle-Version: 1.2.3\nBundle-License: Apache-2.0;link=\"https://example.com\", \"MIT\"\n\nImplementation-Version: 9\n"))
	if m.bundleName != "org.example.thing;singleton:=true" || m.bundleVersion != "1.2.3" || m.implVersion != "" {
		t.Errorf("%+v", m)
	}
	if l := strings.Join(m.licenses(), "|"); l != "Apache-2.0|MIT" {
		t.Error(l)
	}
	if g := m.derivedGroup("thing"); g != "org.example" {
		t.Error(g)
	}
}
