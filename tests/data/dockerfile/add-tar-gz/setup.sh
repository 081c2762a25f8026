mkdir -p t/in/deep && echo x > t/in/x && echo y > t/in/deep/y && chmod 750 t/in/deep && chmod 4755 t/in/x && ln -s x t/in/l && ln t/in/x t/in/hard
tar --owner=1234 --group=5678 --numeric-owner -C t -czf a.tar.gz in && rm -r t
