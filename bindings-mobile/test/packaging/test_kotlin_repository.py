"""The Maven repository of `make kotlin`: an empty project that names it takes a payment, with nothing else of Lipia's."""

from __future__ import annotations

import unittest

from running import PASS_KEY, run
from surroundings import (
    kotlin_jar,
    kotlin_testing_jar,
    native_folder,
    run_script,
    scratch_folder,
    shipped_folder,
)

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
    <dependency><groupId>dev.lipia</groupId><artifactId>lipia</artifactId><version>{version}</version><classifier>testing</classifier></dependency>
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
import dev.lipia.StkPush;
import dev.lipia.java.LipiaClient;
import dev.lipia.java.Push;
import dev.lipia.testing.Sandbox;

public class Shop {
    public static void main(String[] arguments) throws Exception {
        Credentials credentials = Credentials.daraja("sandbox-key", "sandbox-secret", "174379", arguments[0]);
        try (Sandbox sandbox = Sandbox.start();
                LipiaClient daraja = LipiaClient.daraja(() -> credentials)
                        .baseUrl(sandbox.getBaseUrl()).callbackUrl("https://shop.example.co.ke/pay").build()) {
            StkPush push = Push.of("0712345678", 150, "INV-1");
            System.out.println(LipiaClient.await(daraja.collect(push, "order-1")).isPaid() + " " + sandbox.getPrompts());
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
            "--testing",
            kotlin_testing_jar(),
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
        program = f"-Dlipia.program={native_folder() / 'lipia'}"
        paid = run("java", program, "-cp", classes, "Shop", PASS_KEY, limit=120)
        self.assertEqual((paid.returncode, paid.stdout.strip()), (0, "true 1"), paid.stdout)


if __name__ == "__main__":
    unittest.main()
