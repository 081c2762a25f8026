FROM node:18 as part1 # 阶段起别名为【part1】
WORKDIR /app
COPY package.json index.js ./
RUN npm install
FROM node:18
COPY --from=part1 /app /  # 从第一阶段build复制目录/app/
EXPOSE 3000
CMD ["index.js"]
