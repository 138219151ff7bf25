// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
)

// publisher is a project whose archives carry no pom.properties (most are
// built by Gradle or Ant): the group that it publishes under at Maven Central.
type publisher struct {
	// artifact is the whole name, or its beginning when it ends in "-".
	artifact string
	// from is the first major version the line holds for, before the one
	// below it; 0 for all.
	from  int
	group string
	// classes is the directory in which the archive must have something: a
	// name alone proves nothing.
	classes string
}

// publishers: the first line that fits counts.
var publishers = [...]publisher{
	{"spring-boot-", 0, "org.springframework.boot", "org/springframework/boot/"},
	{"spring-boot", 0, "org.springframework.boot", "org/springframework/boot/"},
	{"spring-security-", 0, "org.springframework.security", "org/springframework/security/"},
	{"spring-data-", 0, "org.springframework.data", "org/springframework/data/"},
	{"spring-cloud-", 0, "org.springframework.cloud", "org/springframework/cloud/"},
	{"spring-integration-", 0, "org.springframework.integration", "org/springframework/integration/"},
	{"spring-batch-", 0, "org.springframework.batch", "org/springframework/batch/"},
	{"spring-session-", 0, "org.springframework.session", "org/springframework/session/"},
	{"spring-kafka", 0, "org.springframework.kafka", "org/springframework/kafka/"},
	{"spring-amqp", 0, "org.springframework.amqp", "org/springframework/amqp/"},
	{"spring-rabbit", 0, "org.springframework.amqp", "org/springframework/amqp/"},
	{"spring-hateoas", 0, "org.springframework.hateoas", "org/springframework/hateoas/"},
	{"spring-retry", 0, "org.springframework.retry", "org/springframework/retry/"},
	{"spring-ws-", 0, "org.springframework.ws", "org/springframework/ws/"},
	{"spring-ldap-", 0, "org.springframework.ldap", "org/springframework/ldap/"},
	{"spring-", 0, "org.springframework", "org/springframework/"},
	{"hibernate-core", 6, "org.hibernate.orm", "org/hibernate/"},
	{"hibernate-core", 0, "org.hibernate", "org/hibernate/"},
	{"hibernate-entitymanager", 0, "org.hibernate", "org/hibernate/"},
	{"tomcat-embed-", 0, "org.apache.tomcat.embed", "org/apache/"},
	{"tomcat-", 0, "org.apache.tomcat", "org/apache/"},
	{"catalina", 0, "org.apache.tomcat", "org/apache/catalina/"},
	{"groovy-", 4, "org.apache.groovy", "org/apache/groovy/"},
	{"groovy-", 4, "org.apache.groovy", "groovy/"},
	{"groovy-", 0, "org.codehaus.groovy", "groovy/"},
	{"groovy-", 0, "org.codehaus.groovy", "org/codehaus/groovy/"},
	{"groovy", 4, "org.apache.groovy", "groovy/"},
	{"groovy", 0, "org.codehaus.groovy", "groovy/"},
	{"kotlin-", 0, "org.jetbrains.kotlin", "kotlin/"},
	{"kotlinx-", 0, "org.jetbrains.kotlinx", "kotlinx/"},
	{"okhttp", 3, "com.squareup.okhttp3", "okhttp3/"},
	{"okhttp", 0, "com.squareup.okhttp", "com/squareup/okhttp/"},
	{"okio", 0, "com.squareup.okio", "okio/"},
	{"okio-jvm", 0, "com.squareup.okio", "okio/"},
	{"retrofit", 0, "com.squareup.retrofit2", "retrofit2/"},
	{"grpc-", 0, "io.grpc", "io/grpc/"},
	{"reactor-core", 0, "io.projectreactor", "reactor/core/"},
	{"reactor-netty-", 0, "io.projectreactor.netty", "reactor/netty/"},
	{"rxjava", 3, "io.reactivex.rxjava3", "io/reactivex/"},
	{"rxjava", 2, "io.reactivex.rxjava2", "io/reactivex/"},
	{"rxjava", 0, "io.reactivex", "rx/"},
	{"micrometer-", 0, "io.micrometer", "io/micrometer/"},
	{"micronaut-", 0, "io.micronaut", "io/micronaut/"},
	{"opentelemetry-", 0, "io.opentelemetry", "io/opentelemetry/"},
	{"bcprov-", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"bcpkix-", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"bcutil-", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"bctls-", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"bcpg-", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"bcmail-", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"bc-fips", 0, "org.bouncycastle", "org/bouncycastle/"},
	{"elasticsearch", 0, "org.elasticsearch", "org/elasticsearch/"},
	{"elasticsearch-", 0, "org.elasticsearch", "org/elasticsearch/"},
	{"opensearch", 0, "org.opensearch", "org/opensearch/"},
	{"opensearch-", 0, "org.opensearch", "org/opensearch/"},
	{"lucene-", 0, "org.apache.lucene", "org/apache/lucene/"},
	{"solr-", 0, "org.apache.solr", "org/apache/solr/"},
	{"kafka-clients", 0, "org.apache.kafka", "org/apache/kafka/"},
	{"kafka_", 0, "org.apache.kafka", "kafka/"},
	{"zookeeper", 0, "org.apache.zookeeper", "org/apache/zookeeper/"},
	{"ant", 0, "org.apache.ant", "org/apache/tools/ant/"},
	{"ant-", 0, "org.apache.ant", "org/apache/tools/ant/"},
	{"geode-", 0, "org.apache.geode", "org/apache/geode/"},
	{"poi", 0, "org.apache.poi", "org/apache/poi/"},
	{"poi-", 0, "org.apache.poi", "org/apache/poi/"},
	{"xercesImpl", 0, "xerces", "org/apache/xerces/"},
	{"xalan", 0, "xalan", "org/apache/xalan/"},
	{"bsh", 0, "org.beanshell", "bsh/"},
	{"mongodb-driver-", 0, "org.mongodb", "com/mongodb/"},
	{"mongo-java-driver", 0, "org.mongodb", "com/mongodb/"},
	{"bson", 0, "org.mongodb", "org/bson/"},
	{"h2", 0, "com.h2database", "org/h2/"},
	{"hsqldb", 0, "org.hsqldb", "org/hsqldb/"},
	{"derby", 0, "org.apache.derby", "org/apache/derby/"},
	{"postgresql", 0, "org.postgresql", "org/postgresql/"},
	{"mssql-jdbc", 0, "com.microsoft.sqlserver", "com/microsoft/sqlserver/"},
	{"ojdbc", 0, "com.oracle.database.jdbc", "oracle/jdbc/"},
	{"junit", 0, "junit", "junit/"},
	{"junit-jupiter-", 0, "org.junit.jupiter", "org/junit/jupiter/"},
	{"junit-platform-", 0, "org.junit.platform", "org/junit/platform/"},
	{"mockito-", 0, "org.mockito", "org/mockito/"},
	{"aspectjweaver", 0, "org.aspectj", "org/aspectj/"},
	{"aspectjrt", 0, "org.aspectj", "org/aspectj/"},
	{"graphql-java", 0, "com.graphql-java", "graphql/"},
	{"json-path", 0, "com.jayway.jsonpath", "com/jayway/jsonpath/"},
	{"ehcache", 3, "org.ehcache", "org/ehcache/"},
	{"scala-library", 0, "org.scala-lang", "scala/"},
	{"akka-", 0, "com.typesafe.akka", "akka/"},
	{"play_", 0, "com.typesafe.play", "play/"},
	{"lombok", 0, "org.projectlombok", "lombok/"},
	{"asm", 0, "org.ow2.asm", "org/objectweb/asm/"},
	{"asm-", 0, "org.ow2.asm", "org/objectweb/asm/"},
	{"cglib", 0, "cglib", "net/sf/cglib/"},
	{"guice", 0, "com.google.inject", "com/google/inject/"},
	{"guice-", 0, "com.google.inject.extensions", "com/google/inject/"},
	{"aopalliance", 0, "aopalliance", "org/aopalliance/"},
	{"jsr305", 0, "com.google.code.findbugs", "javax/annotation/"},
	{"hazelcast", 0, "com.hazelcast", "com/hazelcast/"},
	{"infinispan-", 0, "org.infinispan", "org/infinispan/"},
	{"tink", 0, "com.google.crypto.tink", "com/google/crypto/tink/"},
}

// wellKnownGroup looks whether the artifact is a well-known project's.
func (w *walk) wellKnownGroup(ctx context.Context, r io.ReaderAt, size int64, c coordinates) (string, error) {
	var candidates []*publisher
	for i := range publishers {
		p := &publishers[i]
		if fits(p.artifact, c.artifact) && major(c.version) >= p.from {
			candidates = append(candidates, p)
		}
	}
	if len(candidates) == 0 {
		return "", nil
	}
	window := w.pool.window()
	defer w.pool.releaseWindow(window)
	d, err := openDirectory(r, size, *window)
	if err != nil {
		return "", nil // it was read before: list has told
	}
	best := len(candidates)
	var e entry
	for n := int64(0); best > 0 && n < w.bounds.Entries; n++ {
		if err := d.next(&e); err != nil {
			if errors.Is(err, context.Canceled) {
				return "", err
			}
			break
		}
		if n&0xfff == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		if !bytes.HasSuffix(e.name, classExt) {
			continue
		}
		for i, p := range candidates[:best] {
			if bytes.HasPrefix(e.name, []byte(p.classes)) {
				best = i
				break
			}
		}
	}
	if best == len(candidates) {
		return "", nil
	}
	return candidates[best].group, nil
}

func fits(pattern, artifact string) bool {
	if last := pattern[len(pattern)-1]; last == '-' || last == '_' {
		return strings.HasPrefix(artifact, pattern) && len(artifact) > len(pattern)
	}
	if pattern == "ojdbc" {
		return strings.HasPrefix(artifact, pattern) // ojdbc8, ojdbc11
	}
	return artifact == pattern
}

// major is the number that a version begins with, 0 when there is none.
func major(version string) int {
	n := 0
	for i := 0; i < len(version) && isDigit(version[i]) && n < 1<<20; i++ {
		n = n*10 + int(version[i]-'0')
	}
	return n
}
