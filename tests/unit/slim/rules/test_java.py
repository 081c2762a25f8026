"""What belongs to Java programs."""

from java_files import HOME, class_file, jar, jdk
from lissom.slim.rules.java import RULES
from rule_scenes import kept, scene_of

JVM = f"{HOME}/lib/server/libjvm.so"


def names(files, touched):
    return {
        path for path, reason in kept(scene_of(files, touched, packages=()), *RULES).items() if reason != "on the way"
    }


def test_a_jvm_keeps_what_it_needs_of_its_home():
    files = {**jdk(), f"{HOME}/lib/jspawnhelper": b"x", f"{HOME}/lib/libawt_xawt.so": b"x", f"{HOME}/lib/src.zip": b"x"}
    found = {path.removeprefix(f"{HOME}/") for path in names(files, [JVM])}
    assert found == {
        "bin/java", "conf/net.properties", "lib/jspawnhelper", "lib/libjava.so", "lib/modules", "lib/security/cacerts",
        "lib/server/libjvm.so", "release", "etc/java-17/net.properties", "etc/ssl/certs/java/cacerts",
    }  # fmt: skip


def test_a_library_of_a_module_stays_when_the_app_names_the_module():
    app = jar({"A.class": class_file("A", ["java/awt/Font"])})
    assert f"{HOME}/lib/libfontmanager.so" in names({**jdk(), "app/a.jar": app}, [JVM, "app/a.jar"])


def test_without_jmod_files_all_libraries_of_a_server_stay():
    files = {path: data for path, data in jdk().items() if "/jmods/" not in path}
    found = names(files, [JVM])
    assert f"{HOME}/lib/libfontmanager.so" in found
    assert f"{HOME}/lib/libjsound.so" not in found


def test_a_home_that_nobody_used_keeps_nothing():
    assert names(jdk(), ["etc/java-17/net.properties"]) == {"etc/java-17/net.properties"}


def test_a_runtime_older_than_modules_stays_whole():
    files = {"opt/jre/lib/rt.jar": jar({}), "opt/jre/lib/amd64/libnet.so": b"x", "opt/jre/lib/tzdb.dat": b"x"}
    assert names(files, ["opt/jre/lib/rt.jar"]) == set(files)


def test_jars_bring_their_neighbours_and_what_their_manifest_names():
    files = {
        "srv/lib/a.jar": jar({"META-INF/MANIFEST.MF": "Class-Path: ../more/c.jar ../../usr/share/java/d.jar\n"}),
        "srv/lib/b.jar": jar({}),
        "srv/lib/notes.txt": "",
        "srv/more/c.jar": jar({}),
        "usr/share/java/d.jar": "-> d-1.jar",
        "usr/share/java/d-1.jar": jar({}),
        "usr/share/java/e.jar": jar({}),
    }
    assert names(files, ["srv/lib/a.jar"]) == set(files) - {"srv/lib/notes.txt", "usr/share/java/e.jar"}


def test_a_class_brings_what_is_below_its_root():
    files = {
        "app/out/demo/Main.class": class_file("demo/Main"),
        "app/out/demo/Late.class": class_file("demo/Late"),
        "app/out/messages_fr.properties": "",
        "app/src/Main.java": "",
        "app/odd/Other.class": class_file("elsewhere/Other"),
        "app/odd/notes.txt": "",
    }
    touched = ["app/out/demo/Main.class", "app/odd/Other.class"]
    assert names(files, touched) == set(files) - {"app/src/Main.java", "app/odd/notes.txt"}


def test_a_web_application_stays_whole():
    files = {
        "w/shop/WEB-INF/web.xml": "",
        "w/shop/late.jsp": "",
        "w/shop/WEB-INF/lib/a.jar": jar({}),
        "w/other/x.jsp": "",
    }
    assert names(files, ["w/shop/WEB-INF/web.xml"]) == set(files) - {"w/other/x.jsp"}


def test_tomcat_keeps_its_own_and_what_was_deployed():
    files = {
        "t/bin/bootstrap.jar": jar({}),
        "t/bin/catalina.sh": "",
        "t/bin/catalina.bat": "",
        "t/conf/server.xml": "",
        "t/conf/Catalina/localhost/shop.xml": "",
        "t/lib/catalina.jar": "-> /usr/share/java/catalina-10.jar",
        "t/lib/ecj.jar": jar({}),
        "t/webapps/ROOT/index.jsp": "",
        "t/webapps/docs/index.html": "",
        "t/webapps.dist/manager/index.jsp": "",
        "usr/share/java/catalina-10.jar": jar({}),
    }
    gone = {"t/bin/catalina.bat", "t/webapps/docs/index.html", "t/webapps.dist/manager/index.jsp"}
    scene = scene_of({**files, "t/work/": ""}, ["t/bin/bootstrap.jar", "t/webapps/ROOT"], packages=())
    found = kept(scene, *RULES)
    assert set(found) == set(files) - gone
