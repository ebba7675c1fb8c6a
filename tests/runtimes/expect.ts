// Jest's expect() for browsers and workerd, as Vitest has it.
import { addCustomEqualityTesters, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import * as chai from "chai";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** As the other libraries have it. */
export const expect = Object.assign(chai.expect, { addEqualityTesters: addCustomEqualityTesters });
