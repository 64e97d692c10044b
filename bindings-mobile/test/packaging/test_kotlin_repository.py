"""The Maven repository of `make kotlin`: an empty project that names it takes a payment, with nothing else of Lipia's."""

from __future__ import annotations

import unittest

from running import PASS_KEY, run, start_sandbox
from surroundings import kotlin_jar, run_script, scratch_folder, shipped_folder

# isort: split

import native

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>shop</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source>
    <maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <repositories>
    <repository><id>{id}</id><url>{repository}</url></repository>
  </repositories>
  <dependencies>
    <dependency><groupId>dev.lipia</groupId><artifactId>lipia</artifactId><version>{version}</version></dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-dependency-plugin</artifactId>
        <version>3.8.1</version>
        <executions>
          <execution>
            <phase>package</phase>
            <goals><goal>copy-dependencies</goal></goals>
            <configuration><includeScope>runtime</includeScope></configuration>
          </execution>
        </executions>
      </plugin>
    </plugins>
  </build>
</project>
"""

SHOP = """
import dev.lipia.Credentials;
import dev.lipia.LipiaException;
import dev.lipia.StkPush;
import dev.lipia.java.LipiaClient;
import dev.lipia.java.Push;

public class Shop {
    public static void main(String[] arguments) throws LipiaException, InterruptedException {
        Credentials credentials = Credentials.daraja("sandbox-key", "sandbox-secret", "174379", arguments[1]);
        try (LipiaClient daraja = LipiaClient.daraja(() -> credentials)
                .baseUrl(arguments[0]).callbackUrl(arguments[0] + "/pay").build()) {
            StkPush push = Push.of("0712345678", 150, "INV-1");
            System.out.println(LipiaClient.await(daraja.collect(push, "order-1")).isPaid());
        }
    }
}
"""


class KotlinRepository(unittest.TestCase):
    def test_an_empty_project_in_java_takes_a_payment(self) -> None:
        folder = scratch_folder(self)
        repository = folder / "repository"
        done = run_script(
            "build-kotlin-repository",
            "--classes",
            kotlin_jar(),
            "--library",
            shipped_folder(),
            "--out",
            repository,
        )
        self.assertEqual((done.returncode, done.stdout.strip()), (0, str(repository)), done.stderr)
        shop = folder / "shop"
        (shop / "src" / "main" / "java").mkdir(parents=True)
        # A repository of another name: what Maven keeps of an earlier one must not stand in.
        pom = POM.format(id=folder.name, repository=repository.as_uri(), version=native.version())
        (shop / "pom.xml").write_text(pom)
        (shop / "src" / "main" / "java" / "Shop.java").write_text(SHOP)
        built = run(
            "mvn",
            "--batch-mode",
            "--no-transfer-progress",
            "--quiet",
            "--file",
            shop / "pom.xml",
            "package",
            limit=600,
        )
        self.assertEqual(built.returncode, 0, built.stdout)
        classes = f"{shop / 'target' / 'classes'}:{shop / 'target' / 'dependency'}/*"
        paid = run("java", "-cp", classes, "Shop", start_sandbox(self), PASS_KEY, limit=120)
        self.assertEqual((paid.returncode, paid.stdout.strip()), (0, "true"), paid.stdout)


if __name__ == "__main__":
    unittest.main()
