// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Words
/// @notice The two things that Solidity cannot say: read a word of the call without a bounds check, and ask a stranger a
/// question without copying a long answer. All assembly of the settlement is here.
library Words {
    /// @dev The 32 bytes of the call from byte `offset` on; zeros beyond its end.
    function callWord(uint256 offset) internal pure returns (uint256 word) {
        // Reads the call and touches no memory.
        assembly ("memory-safe") {
            word := calldataload(offset)
        }
    }

    /// @dev Whether `target` answers `question` with exactly one word, `answer`, using at most `gasCap`. Cannot change
    /// any state, and copies at most 32 bytes of what comes back. An address without code does not answer.
    function answers(
        address target,
        uint256 gasCap,
        bytes memory question,
        uint256 answer
    ) internal view returns (bool isAnswer) {
        // Memory written: [0, 32), the scratch space. It is cleared first, so a short answer cannot be completed by what
        // lay there; without code the call succeeds with 0 bytes and the size test fails.
        assembly ("memory-safe") {
            mstore(0, 0)
            let isOk := staticcall(gasCap, target, add(question, 32), mload(question), 0, 32)
            isAnswer := and(and(isOk, eq(returndatasize(), 32)), eq(mload(0), answer))
        }
    }
}
