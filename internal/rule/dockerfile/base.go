// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/imageref"
)

// official is the name of the image when it is one of Docker's official images,
// from Docker Hub or one of its copies.
func official(i imageref.Reference) string {
	name, ok := strings.CutPrefix(i.Repository, "library/")
	switch {
	case i.Registry == "docker.io" && ok:
		return name
	case i.Registry == "public.ecr.aws":
		name, ok = strings.CutPrefix(i.Repository, "docker/library/")
	case i.Registry == "mirror.gcr.io":
		name, ok = strings.CutPrefix(i.Repository, "library/")
	}
	if ok {
		return name
	}
	return ""
}

// rootBases are official images whose configuration sets no user, so that what
// is built on them runs as root. Images that step down by themselves in their
// entry point (databases) are not among them.
var rootBases = map[string]bool{
	"alpine": true, "debian": true, "ubuntu": true, "busybox": true, "centos": true, "fedora": true, "rockylinux": true, "almalinux": true,
	"amazonlinux": true, "oraclelinux": true, "archlinux": true, "photon": true, "clearlinux": true, "buildpack-deps": true, "bash": true,
	"golang": true, "node": true, "python": true, "ruby": true, "php": true, "openjdk": true, "eclipse-temurin": true, "amazoncorretto": true,
	"ibm-semeru-runtimes": true, "sapmachine": true, "maven": true, "gradle": true, "clojure": true, "rust": true, "perl": true,
	"erlang": true, "elixir": true, "haskell": true, "swift": true, "gcc": true, "julia": true, "r-base": true, "mono": true, "pypy": true,
	"nginx": true, "httpd": true, "caddy": true, "traefik": true, "tomcat": true, "tomee": true, "docker": true, "dart": true, "composer": true,
}

// steppingDown are official images without a user whose own entry point starts
// the server as a lesser one.
var steppingDown = map[string]bool{
	"postgres": true, "redis": true, "valkey": true, "mysql": true, "mariadb": true, "mongo": true, "rabbitmq": true, "cassandra": true, "couchdb": true,
	"influxdb": true, "ghost": true, "percona": true, "zookeeper": true, "neo4j": true, "rethinkdb": true, "memcached": true, "vault": true, "consul": true,
}

// ownUser are images of others whose configuration sets a user.
var ownUser = []string{
	"docker.io/grafana/", "docker.io/prom/", "quay.io/prometheus/", "docker.io/jenkins/", "quay.io/keycloak/keycloak", "docker.elastic.co/", "docker.io/opensearchproject/",
	"docker.io/library/elasticsearch", "docker.io/library/kibana", "docker.io/library/logstash", "docker.io/library/sonarqube", "docker.io/library/jetty", "docker.io/library/solr",
	"docker.io/library/memcached", "docker.io/library/haproxy", "docker.io/library/varnish", "docker.io/library/flink", "docker.io/library/kong", "mcr.microsoft.com/windows/nanoserver",
}

// baseUser says what the configuration of a base image has as its user, as far
// as its name tells: "root", "other" for one that is not root, "" when unknown.
func baseUser(ref string) string {
	if ref == "scratch" {
		return "root"
	}
	i := imageref.Parse(ref, "")
	name, full := official(i), i.Registry+"/"+i.Repository
	switch {
	case rootBases[name]:
		return "root"
	case slices.ContainsFunc(ownUser, func(p string) bool { return full == p || strings.HasSuffix(p, "/") && strings.HasPrefix(full, p) }):
		return "other"
	case strings.HasPrefix(full, "gcr.io/distroless/"):
		if strings.Contains(i.Tag, "nonroot") {
			return "other"
		}
		return "root"
	case strings.HasPrefix(full, "cgr.dev/"), strings.Contains(i.Repository, "-unprivileged"), strings.Contains(i.Repository, "nonroot"), strings.Contains(i.Tag, "nonroot"),
		strings.Contains(i.Tag, "rootless"), strings.HasPrefix(full, "docker.io/bitnami/"), strings.HasPrefix(full, "docker.io/bitnamilegacy/"), i.Registry == "dhi.io":
		return "other"
	case strings.HasPrefix(full, "mcr.microsoft.com/dotnet/"):
		if strings.Contains(i.Tag, "chiseled") || strings.Contains(i.Tag, "distroless") {
			return "other"
		}
		return "root"
	case strings.HasPrefix(i.Repository, "ubi") && (i.Registry == "registry.access.redhat.com" || i.Registry == "registry.redhat.io"):
		switch name := i.Repository[strings.LastIndexByte(i.Repository, '/')+1:]; name {
		case "ubi", "ubi-minimal", "ubi-micro", "ubi-init", "ubi7", "ubi8", "ubi9", "ubi10", "ubi8-minimal", "ubi9-minimal", "ubi10-minimal", "ubi8-micro", "ubi9-micro", "ubi10-micro":
			return "root"
		}
	}
	return ""
}
