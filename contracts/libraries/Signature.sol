// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {Words} from "./Words.sol";

/// @title Signature
/// @notice Whether a signer signed a digest, by key or by contract. The caller says which: code size decides nothing.
library Signature {
    /// @dev Half the order of secp256k1. Of the two signatures that a key can be seen to make, only the lower counts.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @dev Gas that a contract gets to check a signature: thirty times a multisig's three keys, and no more to burn.
    uint256 private constant GAS_CAP = 1_000_000;

    /// @dev `isValidSignature(bytes32,bytes)`, which answers with its own selector.
    bytes4 private constant ERC1271 = 0x1626ba7e;

    /// @dev Reverts unless the key of `signer` made (`r`, `s`, `v`). A failed recovery gives the zero address, which
    /// would pass for the signature of a zero signer, so there is none.
    function requireKey(address signer, bytes32 digest, bytes32 r, uint256 s, uint256 v) internal pure {
        if (s > HALF_ORDER || (v != 27 && v != 28)) revert ISettlement.BadSignature(digest, signer);
        address recovered = ecrecover(digest, uint8(v), r, bytes32(s));
        if (recovered == address(0) || recovered != signer) revert ISettlement.BadSignature(digest, signer);
    }

    /// @dev The same for the 64 bytes of EIP-2098: the top bit of `vs` is the parity of `v`.
    function requireCompactKey(address signer, bytes32 digest, bytes32 r, uint256 vs) internal pure {
        requireKey(signer, digest, r, vs & (type(uint256).max >> 1), 27 + (vs >> 255));
    }

    /// @dev Reverts unless the contract `signer` says so by ERC-1271, in exactly 32 bytes and within the gas cap.
    function requireContract(address signer, bytes32 digest, bytes memory signature) internal view {
        bytes memory question = abi.encodeWithSelector(ERC1271, digest, signature);
        bool isValid = Words.answers(signer, GAS_CAP, question, uint256(bytes32(ERC1271)));
        if (!isValid) revert ISettlement.BadSignature(digest, signer);
    }
}
