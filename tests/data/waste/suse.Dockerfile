FROM opensuse/tumbleweed
RUN zypper -n in --no-recommends nodejs20 npm20 && zypper clean -a
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
CMD ["node", "app.js"]
