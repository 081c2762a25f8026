n=$(printf 'n%.0s' $(seq 120)); mkdir -p d/$n/$n; echo x > d/$n/$n/$n; ln -s $n/$n/$n d/l
