// Loaded before a program of a document: clients of the environment wait at the speed of the test's sandbox, for which
// there is no variable.
const { Daraja } = require('lipia');

const { fromEnv } = Daraja;
const wait = JSON.parse(process.env.LIPIA_TEST_WAIT);
Daraja.fromEnv = (settings = {}, ...rest) => fromEnv.call(Daraja, { wait, ...settings }, ...rest);
