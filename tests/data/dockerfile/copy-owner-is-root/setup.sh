mkdir o; echo x > o/x; chown -R 1234:5678 o
