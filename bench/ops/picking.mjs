/** Elements picked by indices, and put where indices say. */
import * as g from "gradschool";
import { both, forward, ids, normal, shaped, trained } from "./table.mjs";

const table = shaped([100, 32], [32_000, 256]);
const rows = ids([[64], 100], [[4096], 32_000]);
const someRows = shaped([64, 32], [4096, 256]);
forward("indexSelect", [table, rows], (x, i) => x.indexSelect(0, i), "x.index_select(0, y)");
both("embedding", [table, rows], (x, i) => g.embedding(x, i), "F.embedding(y, x)");
forward("indexAdd", [table, rows, someRows], (x, i, y) => x.indexAdd(0, i, y), "x.index_add(0, y, z)");
forward("indexPut", [table, rows, someRows], (x, i, y) => x.indexPut([i], y), "x.index_put((y,), z)");

const places = ids([[64, 16], 64], [[2048, 512], 2048]);
const some = shaped([64, 16], [2048, 512]);
trained("gather", [normal, places], (x, i) => x.gather(1, i), "x.gather(1, y)");
forward("takeAlongDim", [normal, places], (x, i) => x.takeAlongDim(i, 1), "x.take_along_dim(y, 1)");
forward("scatter", [normal, places, some], (x, i, y) => x.scatter(1, i, y), "x.scatter(1, y, z)");
trained("scatterAdd", [normal, places, some], (x, i, y) => x.scatterAdd(1, i, y), "x.scatter_add(1, y, z)");
