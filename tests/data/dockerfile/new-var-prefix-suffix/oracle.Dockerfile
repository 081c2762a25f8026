FROM busy:1
ENV P=/a/b/c.tar.gz
ENV A=a/b/c.tar.gz B=c.tar.gz C=/a/b/c.tar D=/a/b/c E=/a/b/c.tar.gz F=/a/b
