mkdir -p e/inner; touch e/empty-file
